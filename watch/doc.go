// Package watch tells which files have a new content.
//
// It owns everything about watching: which directories are watched, which paths
// are ignored and by which rule, when a change is complete, and what content
// each file was last seen with. It refuses to know what a file means: nothing in
// here has heard of Sphinx, and it neither starts anything nor writes any file
// but the cookies of its barriers.
//
// Events only say where to look; contents decide. So a touch, an editor's
// rewrite of the same bytes, a checkout there and back, and what docserve wrote
// itself (see Watcher.Adopt) are no changes, and there can be no loop.
//
// Events are drained by a goroutine that does nothing else (queue). Where none
// come, a poller looks for itself, and reports the same events. The loop of
// a Watcher maps them to paths (tree, hooks, rules), gathers them until they
// are quiet (coalescer, the pure core), looks at the contents (looker), and
// offers what has changed as a Batch.
package watch
