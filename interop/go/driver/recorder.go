package driver

import (
	"fmt"
	"net/http"
	"strings"
	"sync"
)

// request is one HTTP exchange as the client's transport saw it. Queries are left out: those of
// signed URLs are secrets.
type request struct {
	Method string `json:"method"`
	Path   string `json:"path"`
	Range  string `json:"range,omitempty"`
	// Authorization is the scheme word as sent, empty when there was no header.
	Authorization string `json:"authorization,omitempty"`
	// Status is 0 when no response came.
	Status int `json:"status"`
}

// recorder is a transport that records its exchanges, in the order of the responses.
type recorder struct {
	next     http.RoundTripper
	mu       sync.Mutex
	requests []request
}

func (r *recorder) RoundTrip(req *http.Request) (*http.Response, error) {
	res, err := r.next.RoundTrip(req)
	scheme, _, _ := strings.Cut(req.Header.Get("Authorization"), " ")
	seen := request{
		Method:        req.Method,
		Path:          req.URL.Path,
		Range:         req.Header.Get("Range"),
		Authorization: scheme,
	}
	if res != nil {
		seen.Status = res.StatusCode
	}
	r.mu.Lock()
	defer r.mu.Unlock()
	r.requests = append(r.requests, seen)
	return res, err
}

// lineLogger keeps what the client logs.
type lineLogger struct {
	mu    sync.Mutex
	lines []string
}

func (l *lineLogger) Log(v ...any) {
	l.add(fmt.Sprint(v...))
}

func (l *lineLogger) Logf(format string, v ...any) {
	l.add(fmt.Sprintf(format, v...))
}

func (l *lineLogger) add(line string) {
	l.mu.Lock()
	defer l.mu.Unlock()
	l.lines = append(l.lines, line)
}
