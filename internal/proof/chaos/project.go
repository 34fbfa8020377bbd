package main

import (
	"errors"
	"fmt"
	"io"
	"net"
	"net/http"
	"strings"
	"sync"
	"time"
)

// project is a Supabase project as far as the harness needs one: a key set, an
// echo, and a function that must be called once for each id.
type project struct {
	keys    *keyring
	address string // host:port; it stays over restarts
	http    *http.Server

	mu    sync.Mutex
	done  map[string]int // calls of the function, by id
	conns map[net.Conn]http.ConnState
}

func startProject(keys *keyring) (*project, error) {
	p := &project{keys: keys, address: "127.0.0.1:0", done: map[string]int{}, conns: map[net.Conn]http.ConnState{}}
	return p, p.start()
}

func (p *project) start() error {
	ln, err := net.Listen("tcp", p.address)
	if err != nil {
		return fmt.Errorf("start the project: %w", err)
	}
	p.address = ln.Addr().String()
	mux := http.NewServeMux()
	mux.HandleFunc("GET /auth/v1/.well-known/jwks.json", p.serveKeys)
	mux.HandleFunc("GET /storage/v1/echo/{text}", func(w http.ResponseWriter, r *http.Request) {
		fmt.Fprintf(w, `{"echo":%q}`, r.PathValue("text")) //nolint:gosec // no browser is near
	})
	mux.HandleFunc("POST /functions/v1/once", p.once)
	const patience = 10 * time.Second
	p.http = &http.Server{Handler: mux, ReadHeaderTimeout: patience, ConnState: p.note}
	go func(s *http.Server) { _ = s.Serve(ln) }(p.http) // until it is closed
	return nil
}

func (p *project) serveKeys(w http.ResponseWriter, _ *http.Request) {
	set, err := p.keys.keySet()
	if err != nil {
		http.Error(w, err.Error(), http.StatusInternalServerError)
		return
	}
	w.Header().Set("Content-Type", "application/json")
	_, _ = w.Write(set) // the client has left
}

// once takes an id as its body and gives it back.
func (p *project) once(w http.ResponseWriter, r *http.Request) {
	var id strings.Builder
	if _, err := io.Copy(&id, r.Body); err != nil {
		return // the body is not whole: nothing is done
	}
	p.mu.Lock()
	p.done[id.String()]++
	p.mu.Unlock()
	fmt.Fprintf(w, `{"done":%q}`, id.String())
}

// note counts connections.
func (p *project) note(c net.Conn, state http.ConnState) {
	p.mu.Lock()
	defer p.mu.Unlock()
	if p.conns[c] = state; state == http.StateClosed || state == http.StateHijacked {
		delete(p.conns, c)
	}
}

// dropIdle closes the connections that are kept for another request, those that
// were opened beside one that became free first among them.
func (p *project) dropIdle() {
	p.mu.Lock()
	defer p.mu.Unlock()
	for c, state := range p.conns {
		if state == http.StateIdle || state == http.StateNew {
			c.Close()
		}
	}
}

// takeDone returns the calls since it was last asked.
func (p *project) takeDone() map[string]int {
	p.mu.Lock()
	defer p.mu.Unlock()
	done := p.done
	p.done = map[string]int{}
	return done
}

// stop ends the project at once, whatever it is doing.
func (p *project) stop() error {
	err := p.http.Close()
	if errors.Is(err, net.ErrClosed) {
		return nil // it was stopped already
	}
	return err
}
