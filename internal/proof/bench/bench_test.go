package main

import (
	"bytes"
	"encoding/gob"
	"fmt"
	"net/http"
	"net/http/httptest"
	"os"
	"path/filepath"
	"strings"
	"testing"
	"time"

	"github.com/romashka/sidecar/internal/postgrest/query"
)

func TestHistogramQuantiles(t *testing.T) {
	t.Parallel()
	var a, b histogram
	for i := 1; i <= 1000; i++ {
		h := &a
		if i%2 == 0 {
			h = &b
		}
		h.add(time.Duration(i) * time.Millisecond)
	}
	a.merge(b)
	for q, want := range map[float64]time.Duration{0.5: 500 * time.Millisecond, 0.99: 990 * time.Millisecond, 0.999: 999 * time.Millisecond} {
		if got := a.quantile(q); got < want*97/100 || got > want*103/100 {
			t.Errorf("quantile %g = %s, want %s within 3 %%", q, got, want)
		}
	}
	if a.N != 1000 {
		t.Errorf("N = %d, want 1000", a.N)
	}
}

func TestMedian(t *testing.T) {
	t.Parallel()
	for want, values := range map[float64][]float64{0: nil, 3: {3}, 2: {9, 2, 1}, 4: {8, 4, 1, 5}} {
		if got := median(values); got != want {
			t.Errorf("median(%v) = %g, want %g", values, got, want)
		}
	}
}

func TestPgbenchScript(t *testing.T) {
	t.Parallel()
	statements := []query.Statement{
		{SQL: "SELECT set_config('a', $1, true)", Args: []query.Arg{{Value: []byte(`{"x": "y z"}`)}}},
		{SQL: "SELECT $1::int + $2", Args: []query.Arg{{Value: []byte("1")}, {Value: []byte("2")}}},
	}
	got := pipelined(7, statements)
	want := "\\startpipeline\nSELECT set_config('a', :v7_0_1, true);\nSELECT :v7_1_1::int + :v7_1_2;\n\\endpipeline\n"
	if got.text != want {
		t.Errorf("script = %q, want %q", got.text, want)
	}
	if vars := strings.Join(got.variables, "|"); vars != `v7_0_1={"x": "y z"}|v7_1_1=1|v7_1_2=2` {
		t.Errorf("variables = %q", vars)
	}
}

func TestReadLog(t *testing.T) {
	t.Parallel()
	name := filepath.Join(t.TempDir(), "log.1")
	if err := os.WriteFile(name, []byte("3 1 1500 0 1700000000 250000\n"), 0o600); err != nil {
		t.Fatal(err)
	}
	got, err := readLog(name)
	if err != nil || len(got) != 1 || got[0].took != 1500*time.Microsecond || got[0].end.UnixMicro() != 1700000000250000 {
		t.Errorf("readLog = %v, %v", got, err)
	}
}

// TestLoader drives a server with both forms of answers, over connections that
// are kept.
func TestLoader(t *testing.T) {
	t.Parallel()
	server := httptest.NewServer(http.HandlerFunc(func(w http.ResponseWriter, r *http.Request) {
		if r.Header.Get("Authorization") == "" {
			w.WriteHeader(http.StatusTeapot)
		}
		fmt.Fprint(w, strings.Repeat("x", 10))
		if r.URL.Path == "/chunked" {
			w.(http.Flusher).Flush()
			fmt.Fprint(w, strings.Repeat("y", 5000))
		}
	}))
	defer server.Close()
	address := server.Listener.Addr().String()
	plain, chunked := request{method: "GET", target: "/plain"}, request{method: "GET", target: "/chunked"}
	var in, out bytes.Buffer
	orders := gob.NewEncoder(&in)
	for _, o := range []order{
		{Address: address, Conns: 2, Status: 200, Count: 20, Requests: [][]byte{plain.wire(address), chunked.wire(address)}},
		{Address: address, Conns: 2, Status: 200, For: 50 * time.Millisecond, Rate: 200, Requests: [][]byte{plain.wire(address)}},
		{Address: address, Conns: 1, Status: 200, Count: 1, Requests: [][]byte{[]byte("GET / HTTP/1.1\r\nHost: x\r\n\r\n")}},
	} {
		if err := orders.Encode(o); err != nil {
			t.Fatal(err)
		}
	}
	if err := runLoader(&in, &out); err != nil {
		t.Fatal(err)
	}
	yields := gob.NewDecoder(&out)
	var first, second, third yield
	for _, y := range []*yield{&first, &second, &third} {
		if err := yields.Decode(y); err != nil {
			t.Fatal(err)
		}
	}
	if first.Err != "" || first.Requests != 20 || first.Bytes != 10*10+10*5010 || first.Latency.N != 20 {
		t.Errorf("counted: %d requests, %d bytes, error %q", first.Requests, first.Bytes, first.Err)
	}
	if second.Err != "" || second.Requests < 1 || second.Requests > 12 {
		t.Errorf("paced: %d requests in 50 ms at 200/s, error %q", second.Requests, second.Err)
	}
	if !strings.HasPrefix(third.Err, "status 418") {
		t.Errorf("wrong status: error %q", third.Err)
	}
}

// TestWireOfARequest compares with supabase-js's request, which the size of
// request.headers depends on.
func TestWireOfARequest(t *testing.T) {
	t.Parallel()
	got := string(request{method: "POST", target: "/t", as: user, body: "{}", prefer: "return=minimal"}.wire("h:1"))
	for _, want := range []string{"POST /t HTTP/1.1\r\nHost: h:1\r\n", "\r\nContent-Length: 2\r\n", "\r\nPrefer: return=minimal\r\n\r\n{}"} {
		if !strings.Contains(got, want) {
			t.Errorf("wire lacks %q:\n%s", want, got)
		}
	}
	if got := id("log", 1); got != "23848b5f-8ebf-7d13-42f0-6722f8f73302" {
		t.Errorf("id = %q", got)
	}
}

func TestTargets(t *testing.T) {
	t.Parallel()
	r := report{
		Cases:  []*outcome{{Case: "row by key", Connections: crowd, Ratio: 0.9, CPURatio: 0.7, Server: &reading{ServerCPU: 30, PostgresCPU: 60}}},
		Extras: []figure{{figureMemory, 65, "MB"}, {figureDistance, 9, "times"}},
	}
	var got []bool
	for _, target := range r.judge() {
		got = append(got, target.Met)
	}
	if want := []bool{true, false, true, true, false}; fmt.Sprint(got) != fmt.Sprint(want) {
		t.Errorf("met = %v, want %v", got, want)
	}
}
