package main

import (
	"context"
	"encoding/json"
	"errors"
	"fmt"
	"io"
	"io/fs"
	"log/slog"
	"os"
	"path/filepath"
	"strings"
	"time"

	"docserve/internal/cli"
	"docserve/internal/inquiry"
	"docserve/internal/project"
	"docserve/internal/python"
	"docserve/internal/running"
	"docserve/internal/serve"
)

// errUnknown is a question without an answer because nobody has looked yet.
var errUnknown = errors.New("nothing is known of this project yet: start docserve for it, and wait until everything is built; docserve verify does as well")

// inquire answers a question about the graph of a project: by asking the docserve
// that runs for it, or, if there is none, from what the last session has left.
func inquire(ctx context.Context, command *cli.Command, started time.Time, stdout, stderr io.Writer) error {
	o, asked := command.Serve, command.Graph
	question := inquiry.Question{Query: inquiry.Query(asked.Query), Files: asked.Files, Depth: asked.Depth}
	if err := question.Check(); err != nil {
		return &cli.UsageError{Message: err.Error()}
	}
	p, err := project.Find(project.Options{
		Source: o.Source, Above: true, Output: o.Output, Builder: o.Builder, MakeMode: o.MakeMode, Doctrees: o.Doctrees,
		ConfDir: o.ConfDir, NoConfig: o.NoConfig,
	})
	if err != nil {
		return err
	}
	if question.Query == inquiry.Changed && len(question.Files) == 0 {
		if question, err = inquiry.GitChanges(ctx, p.Source, asked.Since); err != nil {
			return err
		}
	}
	dir, err := os.Getwd()
	if err == nil {
		dir, err = filepath.EvalSymlinks(dir) // as the project's own paths
	}
	if err != nil {
		return fmt.Errorf("find the current directory: %w", err)
	}
	question.Dir = filepath.ToSlash(dir)
	var answer inquiry.Answer
	if server, ok := running.Find(ctx, serve.State(p.Doctrees)); ok {
		answer, err = inquiry.AskServer(ctx, server, question)
	} else {
		answer, err = recollect(ctx, o, p, question, started)
	}
	if err != nil {
		return err
	}
	return print(answer, asked.Format, stdout, stderr)
}

// recollect answers from what the last session has left.
func recollect(ctx context.Context, o *cli.ServeOptions, p project.Project, q inquiry.Question, started time.Time) (inquiry.Answer, error) {
	ignored, err := serve.Explain(serveOptions(o, p, configuration{}, python.Interpreter{}, nil, slog.New(slog.DiscardHandler), started))
	if err != nil {
		return inquiry.Answer{}, err
	}
	files, err := inquiry.Files(p.Source, ignored)
	if err != nil {
		return inquiry.Answer{}, err
	}
	kept, err := serve.Recall(p.Doctrees, p.Source, p.Builder, files)
	if errors.Is(err, fs.ErrNotExist) {
		return inquiry.Answer{}, errUnknown
	}
	if err != nil {
		return inquiry.Answer{}, fmt.Errorf("%w; start docserve to have it made anew", err)
	}
	answer, err := inquiry.Ask(ctx, kept, q)
	answer.Outdated(kept.Saved, kept.Changed)
	return answer, err
}

// print writes an answer: what was found to stdout, and what is to be said about
// it to stderr.
func print(answer inquiry.Answer, format string, stdout, stderr io.Writer) error {
	if format == cli.JSON {
		encoder := json.NewEncoder(stdout)
		encoder.SetIndent("", "  ")
		return encoder.Encode(answer)
	}
	for _, note := range answer.Notes {
		fmt.Fprintf(stderr, "docserve: %s\n", note)
	}
	text := answer.Text()
	if text == "" {
		fmt.Fprintf(stderr, "docserve: %s\n", answer.Nothing())
	}
	if format == cli.Dot {
		text = answer.Dot()
	}
	if _, err := io.Copy(stdout, strings.NewReader(text)); err != nil {
		return fmt.Errorf("write the answer: %w", err)
	}
	return nil
}
