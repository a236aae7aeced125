package inquiry

import (
	"context"
	"encoding/json"
	"errors"
	"fmt"
	"net/http"

	"docserve/internal/running"
)

// longest is how long the parameters of a request may be, in bytes: half of what
// the server takes.
const longest = 32 << 10

// AskServer asks a server that is running. The error is a *Mistake when the
// question has no answer.
func AskServer(ctx context.Context, server running.Server, q Question) (Answer, error) {
	if err := q.Check(); err != nil {
		return Answer{}, err
	}
	parts := q.split(longest)
	answer, err := askOnce(ctx, server, parts[0])
	for _, part := range parts[1:] {
		more, failed := askOnce(ctx, server, part)
		if err = errors.Join(err, failed); err != nil {
			return Answer{}, err
		}
		all, further := answer.Result.(Affected), more.Result.(Affected)
		all.Merge(further)
		answer.Result = all
	}
	return answer, err
}

// split returns questions about fewer files each, if there are too many changed
// ones for one request.
func (q Question) split(size int) []Question {
	n := len(q.Files) + len(q.Made) + len(q.Gone)
	if q.Query != Changed || n < 2 || len(q.Values().Encode()) <= size {
		return []Question{q}
	}
	left, right := q, q
	left.Files, right.Files = halve(q.Files)
	left.Made, right.Made = halve(q.Made)
	left.Gone, right.Gone = halve(q.Gone)
	if len(right.Files)+len(right.Made)+len(right.Gone) == n {
		return []Question{q} // one file of each sort
	}
	return append(left.split(size), right.split(size)...)
}

func halve(names []string) (left, right []string) {
	return names[:len(names)/2], names[len(names)/2:]
}

func askOnce(ctx context.Context, server running.Server, q Question) (Answer, error) {
	var (
		answer  Answer
		refused *running.StatusError
		mistake Mistake
	)
	err := server.Ask(ctx, http.MethodGet, "graph?"+q.Values().Encode(), &answer)
	if !errors.As(err, &refused) {
		return answer, err
	}
	if json.Unmarshal([]byte(refused.Text), &mistake) == nil && mistake.Message != "" {
		return answer, &mistake
	}
	if refused.Code == http.StatusNotFound {
		return answer, fmt.Errorf("the docserve that is running (%s) is an older one, which answers no such questions: restart it", server.URL)
	}
	return answer, err
}
