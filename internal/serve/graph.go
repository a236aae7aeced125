package serve

import (
	"context"
	"errors"
	"net/http"
	"net/url"

	"docserve/internal/inquiry"
)

// inquiries are the engine's graph as the web sees it.
type inquiries struct{ engine Engine }

// Ask answers a question, or with doc=NAME what that document has to do with others.
func (i inquiries) Ask(ctx context.Context, query url.Values) (int, any) {
	ctx, cancel := context.WithTimeout(ctx, statusTimeout)
	defer cancel()
	if doc := query.Get("doc"); doc != "" {
		return answered(inquiry.Related(ctx, i.engine, doc))
	}
	question, err := inquiry.Parse(query)
	if err != nil {
		return http.StatusBadRequest, err
	}
	return answered(inquiry.Ask(ctx, i.engine, question))
}

// answered returns an answer, or what is wrong with the question.
func answered[T any](answer T, err error) (int, any) {
	var mistake *inquiry.Mistake
	switch {
	case errors.As(err, &mistake):
		return http.StatusNotFound, mistake
	case err != nil:
		return http.StatusServiceUnavailable, &inquiry.Mistake{Message: err.Error()}
	}
	return http.StatusOK, answer
}
