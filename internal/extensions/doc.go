// Package extensions holds one test: that docserve is right with the extensions
// that people use.
//
// Each file of testdata is a small project that uses an extension for what it is
// made for, and the edits that its users make. The test serves the project,
// makes one edit after the other, and compares what docserve has settled on with
// a clean build each time, pages and warnings. The table in the manual,
// docs/extensions-table.md, is made from what it finds; the test fails when the
// committed table says something else.
package extensions
