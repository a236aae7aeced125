// Package inquiry answers what people ask about the graph of a project: what a
// document is made from, what depends on a file, why a page was rebuilt.
//
// It owns the questions, the names that may stand in them, and the shapes of the
// answers, as data and in words. What depends on what is for package graph to
// find; here it is asked, of the graph that a server holds or of the one that the
// last session has left. It refuses to build anything.
package inquiry

import (
	"context"
	"errors"

	"docserve/runner"
)

// Engine is what holds a graph.
type Engine interface {
	Consult(ctx context.Context, look func(runner.View)) error
}

// consult has ask look at an engine's graph. What may have been meant by a wrong
// name is looked for when the engine has gone on.
func consult[T any](ctx context.Context, e Engine, ask func(runner.View) (T, error)) (T, error) {
	var (
		answer  T
		mistake error
		nobody  *strange
	)
	if err := e.Consult(ctx, func(v runner.View) { answer, mistake = ask(v) }); err != nil {
		return answer, err
	}
	if errors.As(mistake, &nobody) {
		mistake = nobody.explain()
	}
	return answer, mistake
}

// Ask answers a question. The error is a *Mistake when it has no answer.
func Ask(ctx context.Context, e Engine, q Question) (Answer, error) {
	if err := q.Check(); err != nil {
		return Answer{}, err
	}
	return consult(ctx, e, func(v runner.View) (Answer, error) { return answer(v, q) })
}

// Related answers what the document called doc has to do with others.
func Related(ctx context.Context, e Engine, doc string) (Relations, error) {
	return consult(ctx, e, func(v runner.View) (Relations, error) { return relate(v, doc) })
}
