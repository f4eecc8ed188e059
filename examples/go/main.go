// An executor in Go: Standard Webhooks verifies calls and signs replies, the rest is this page.
package main

import (
	"context"
	"encoding/json"
	"errors"
	"fmt"
	"io"
	"log"
	"net"
	"net/http"
	"os"
	"strconv"
	"sync"
	"sync/atomic"
	"time"

	webhooks "github.com/standard-webhooks/standard-webhooks/libraries/go"
)

const (
	bodyBytesMax = 1 << 20
	kept         = 601 * time.Second // No call is accepted again after twice the tolerance of a signature.
	keptMax      = 10_000
)

var (
	errCancelled = errors.New("cancelled")
	errTimedOut  = errors.New("timed-out")
	calls        atomic.Int64
)

// A handler does the work until its context is done.
type handler func(ctx context.Context, data dispatch) (any, error)

var handlers = map[string]handler{
	"nightly-report": func(_ context.Context, data dispatch) (any, error) {
		return map[string]any{"day": data.FireTime.Format(time.DateOnly)}, nil
	},
	// These two are what `cronclave conformance` calls.
	"conformance.echo": echo,
	"conformance.wait": func(ctx context.Context, data dispatch) (any, error) {
		var params struct{ Ms int }
		if err := json.Unmarshal(data.Params, &params); err != nil {
			return nil, err
		}
		result, _ := echo(ctx, data)
		select {
		case <-time.After(time.Duration(params.Ms) * time.Millisecond):
			return result, nil
		case <-ctx.Done():
			return nil, context.Cause(ctx)
		}
	},
}

func echo(_ context.Context, data dispatch) (any, error) {
	return map[string]any{"params": data.Params, "calls": calls.Add(1)}, nil
}

type dispatch struct {
	Namespace, Service, Handler, RunID, AttemptID, Challenge, Reason string
	Supersedes                                                       []string
	Params                                                           json.RawMessage
	FireTime, Deadline                                               time.Time
}

type message struct {
	Type      string
	Timestamp time.Time
	Data      *dispatch
}

// An attempt is a handler at work, or what it came to.
type attempt struct {
	abort   context.CancelCauseFunc
	done    chan struct{}
	outcome map[string]any
	ended   time.Time
}

type executor struct {
	namespace, service string
	webhook            *webhooks.Webhook
	lock               sync.Mutex
	attempts           map[string]*attempt
}

// problem is a refusal: its status and its code.
type problem struct {
	status int
	code   string
}

func (e *executor) answer(call message, id string) (string, map[string]any, *problem) {
	data := call.Data
	if data == nil || data.Namespace == "" || data.Service == "" {
		return "", nil, &problem{422, "invalid-call"}
	}
	if data.Namespace != e.namespace || data.Service != e.service {
		return "", nil, &problem{421, "wrong-executor"}
	}
	switch call.Type {
	case "ping":
		return "pong", map[string]any{"challenge": data.Challenge}, nil
	case "manifest.get":
		list := []map[string]string{}
		for name := range handlers {
			list = append(list, map[string]string{"name": name})
		}
		return "manifest", map[string]any{"sdk": "example-go/1", "handlers": list}, nil
	case "run.skipped":
		return "run.noted", map[string]any{}, nil
	case "run.cancel":
		return "run.cancelled", map[string]any{"attemptId": data.AttemptID, "known": e.cancel(data)}, nil
	case "run.dispatch":
		if data.AttemptID != id {
			break
		}
		outcome, refused := e.dispatch(*data, data.Deadline.Sub(call.Timestamp))
		if refused != nil {
			return "", nil, refused
		}
		reply := map[string]any{"runId": data.RunID, "attemptId": id}
		for name, value := range outcome {
			reply[name] = value
		}
		return "run.result", reply, nil
	}
	return "", nil, &problem{422, "invalid-call"}
}

// dispatch runs an attempt once: whoever calls again, or for an attempt that this one stands for, gets the same outcome.
func (e *executor) dispatch(data dispatch, budget time.Duration) (map[string]any, *problem) {
	run, found := handlers[data.Handler]
	if !found {
		return nil, &problem{404, "handler-not-found"}
	}
	e.lock.Lock()
	for id, old := range e.attempts {
		if !old.ended.IsZero() && time.Since(old.ended) > kept {
			delete(e.attempts, id)
		}
	}
	one := e.attempts[data.AttemptID]
	for i := len(data.Supersedes) - 1; one == nil && i >= 0; i-- {
		one = e.attempts[data.Supersedes[i]]
	}
	if one == nil && len(e.attempts) >= keptMax {
		e.lock.Unlock()
		return nil, &problem{429, "no-slot"}
	}
	if one == nil {
		ctx, abort := context.WithCancelCause(context.Background())
		one = &attempt{abort: abort, done: make(chan struct{})}
		go e.run(ctx, one, run, data, budget)
	}
	e.attempts[data.AttemptID] = one
	e.lock.Unlock()
	<-one.done
	return one.outcome, nil
}

func (e *executor) run(ctx context.Context, one *attempt, run handler, data dispatch, budget time.Duration) {
	timer := time.AfterFunc(budget, func() { one.abort(errTimedOut) })
	result, err := run(ctx, data)
	timer.Stop()
	outcome := map[string]any{"outcome": "succeeded", "result": result}
	if cause := context.Cause(ctx); cause != nil {
		outcome = map[string]any{"outcome": cause.Error()}
	} else if err != nil {
		fault := map[string]any{"name": "Error", "message": err.Error(), "code": "handler-error", "retryable": true}
		outcome = map[string]any{"outcome": "failed", "error": fault}
	}
	e.lock.Lock()
	defer e.lock.Unlock()
	one.outcome, one.ended = outcome, time.Now()
	one.abort(nil)
	close(one.done)
}

func (e *executor) cancel(data *dispatch) bool {
	e.lock.Lock()
	defer e.lock.Unlock()
	one := e.attempts[data.AttemptID]
	if one == nil || !one.ended.IsZero() {
		return false
	}
	if data.Reason == "timed-out" {
		one.abort(errTimedOut)
	} else {
		one.abort(errCancelled)
	}
	return true
}

func (e *executor) ServeHTTP(w http.ResponseWriter, r *http.Request) {
	if r.Method != http.MethodPost {
		e.reply(w, "", 405, map[string]any{"code": "method-not-allowed"})
		return
	}
	body, err := io.ReadAll(io.LimitReader(r.Body, bodyBytesMax+1))
	if err != nil || len(body) > bodyBytesMax {
		_, _ = io.CopyN(io.Discard, r.Body, 8*bodyBytesMax)
		e.reply(w, "", 413, map[string]any{"code": "body-too-large"})
		return
	}
	if e.webhook.Verify(body, r.Header) != nil {
		e.reply(w, "", 401, map[string]any{"code": "unauthorized"})
		return
	}
	id := r.Header.Get("webhook-id")
	var call message
	if json.Unmarshal(body, &call) != nil {
		e.reply(w, id, 422, map[string]any{"code": "invalid-call"})
		return
	}
	kind, data, refused := e.answer(call, id)
	if refused != nil {
		e.reply(w, id, refused.status, map[string]any{"code": refused.code})
		return
	}
	e.reply(w, id, 200, map[string]any{"type": kind, "timestamp": time.Now().UTC(), "data": data})
}

// reply signs what it sends, so that nobody else's answer is taken for ours.
func (e *executor) reply(w http.ResponseWriter, id string, status int, content any) {
	text, err := json.Marshal(content)
	if err != nil {
		status, text = 500, []byte(`{"code":"internal"}`)
	}
	w.Header().Set("content-type", "application/problem+json")
	if status == 200 {
		w.Header().Set("content-type", "application/json")
	}
	if id != "" {
		now := time.Now()
		signature, _ := e.webhook.Sign("re_"+id, now, text)
		w.Header().Set("webhook-id", "re_"+id)
		w.Header().Set("webhook-timestamp", strconv.FormatInt(now.Unix(), 10))
		w.Header().Set("webhook-signature", signature)
	}
	w.WriteHeader(status)
	_, _ = w.Write(text)
}

func main() {
	webhook, err := webhooks.NewWebhook(os.Getenv("CRONCLAVE_SECRET"))
	if err != nil || os.Getenv("CRONCLAVE_SECRET") == "" {
		log.Fatal("CRONCLAVE_SECRET is not the secret of a service")
	}
	e := &executor{env("CRONCLAVE_NAMESPACE", "default"), env("CRONCLAVE_SERVICE", "billing"), webhook, sync.Mutex{}, map[string]*attempt{}}
	listener, err := net.Listen("tcp", "127.0.0.1:"+env("PORT", "8000"))
	if err != nil {
		log.Fatal(err)
	}
	fmt.Printf("listening on http://%s/jobs\n", listener.Addr())
	server := &http.Server{Handler: e, ReadTimeout: time.Minute}
	log.Fatal(server.Serve(listener))
}

func env(name, otherwise string) string {
	if value := os.Getenv(name); value != "" {
		return value
	}
	return otherwise
}
