package gateway_test

import (
	"io"
	"net/http"
	"runtime"
	"runtime/debug"
	"strconv"
	"testing"
	"time"
)

// zeros returns n bytes of zero.
func zeros(n int64) io.Reader { return io.LimitReader(nothing{}, n) }

type nothing struct{}

func (nothing) Read(p []byte) (int, error) {
	clear(p)
	return len(p), nil
}

// An upload of a gigabyte takes 64 MB of memory, client and upstream included,
// and so do large bodies without a known length and in the other direction.
//
// Not parallel: it measures the whole process.
func TestLargeBodies(t *testing.T) { //nolint:paralleltest // see above
	const (
		gigabyte = 1 << 30
		size     = 1 << 28 // of the others
		ceiling  = 64 << 20
	)
	s := front(t, func(w http.ResponseWriter, r *http.Request) {
		n, err := io.Copy(io.Discard, r.Body)
		if err != nil {
			t.Errorf("read upstream: %v", err)
		}
		if r.Method == http.MethodPut {
			io.WriteString(w, strconv.FormatInt(n, 10))
			return
		}
		if r.URL.RawQuery == "known" {
			w.Header().Set("Content-Length", strconv.Itoa(size))
		}
		io.Copy(w, zeros(size))
	})
	c := client(t)
	c.Timeout = 0
	debug.FreeOSMemory()
	peak := watchMemory(t)
	for _, up := range []struct{ size, length int64 }{{gigabyte, gigabyte}, {size, -1}} {
		r := request(t, "PUT", s.URL+"/storage/v1/object/large", zeros(up.size))
		r.ContentLength = up.length
		began := time.Now()
		_, body := do(t, c, r)
		same(t, "bytes upstream", body, strconv.FormatInt(up.size, 10))
		t.Logf("up, length %d: %v", up.length, time.Since(began).Round(time.Millisecond))
	}
	for _, query := range []string{"known", "chunked"} {
		began := time.Now()
		res, err := c.Do(request(t, "GET", s.URL+"/storage/v1/object/large?"+query, nil))
		if err != nil {
			t.Fatal(err)
		}
		n, err := io.Copy(io.Discard, res.Body)
		res.Body.Close()
		if n != size || err != nil {
			t.Errorf("%s: %d bytes, %v", query, n, err)
		}
		t.Logf("down, %s: %v", query, time.Since(began).Round(time.Millisecond))
	}
	if most := peak(); most > ceiling {
		t.Errorf("took %d MB, want at most %d", most>>20, ceiling>>20)
	} else {
		t.Logf("peak %.1f MB", float64(most)/(1<<20))
	}
}

// watchMemory samples the process's use of the system's memory until the
// returned function is called, which returns the maximum.
func watchMemory(t *testing.T) (peak func() uint64) {
	t.Helper()
	done, result := make(chan bool), make(chan uint64)
	go func() {
		var most uint64
		tick := time.NewTicker(20 * time.Millisecond)
		defer tick.Stop()
		for {
			var m runtime.MemStats
			runtime.ReadMemStats(&m)
			most = max(most, m.Sys-m.HeapReleased)
			select {
			case <-tick.C:
			case <-done:
				result <- most
				return
			}
		}
	}()
	return func() uint64 {
		close(done)
		return <-result
	}
}
