package dashboard_test

import (
	"bytes"
	"context"
	"log/slog"
	"net/http"
	"net/netip"
	"strings"
	"sync"
	"sync/atomic"
	"testing"

	"github.com/romashka/sidecar/internal/dashboard"
	"github.com/romashka/sidecar/internal/dashboard/seal"
	"github.com/romashka/sidecar/internal/postgrest"
)

type nobody struct{}

func (nobody) Post(context.Context, *http.Request, string, string, []byte) (int, []byte, error) {
	return http.StatusUnauthorized, nil, nil
}

func (nobody) Settings(context.Context) ([]byte, error) { return nil, nil }

func (nobody) Address() string { return "" }

// first ends its stream as soon as it has seen the wanted text.
type first struct {
	bytes.Buffer
	seen func()
	want string
}

func (f *first) Write(p []byte) (int, error) {
	f.Buffer.Write(p)
	if strings.Contains(f.String(), f.want) {
		f.seen()
	}
	return len(p), nil
}

// Many pages of one set of rights cost as much as one page; another user's are
// read for him.
func TestStreamsShareTheirReading(t *testing.T) {
	t.Parallel()
	var asked atomic.Int64
	hold := make(chan struct{})
	sealer, err := seal.New("/dashboard", []byte("secret"))
	if err != nil {
		t.Fatal(err)
	}
	d, err := dashboard.New(dashboard.Options{
		Path: "/dashboard", Accounts: nobody{}, Sealer: sealer, Logger: slog.New(slog.DiscardHandler),
		API: func(_ context.Context, req *postgrest.Request, _ netip.Addr) *postgrest.Response {
			if req.Path == "/rpc/get_blocked_addresses" {
				asked.Add(1)
				<-hold // until all pages are open
			}
			return &postgrest.Response{Status: http.StatusOK, Body: []byte("[]")}
		},
	})
	if err != nil {
		t.Fatal(err)
	}
	defer d.Stop()
	const pages = 500
	var opened, ended sync.WaitGroup
	for i := range 2 * pages {
		who := []string{"ada", "bob"}[i%2]
		ctx, cancel := context.WithCancel(t.Context())
		res := d.Call(ctx, &postgrest.Request{
			Method: http.MethodGet, Path: "/live/security", RawQuery: "item=blocked", Role: "authenticated",
			Claims: []byte(`{"sub":"` + who + `","role":"authenticated","exp":` + strings.Repeat("9", 1+i%5) + `}`),
		}, netip.Addr{})
		if res.Status != http.StatusOK || res.Stream == nil {
			t.Fatalf("status %d", res.Status)
		}
		opened.Add(1)
		out := &first{want: `"id":"blocked"`, seen: cancel}
		ended.Go(func() {
			started := sync.OnceFunc(opened.Done)
			_ = res.Stream(writer(func(p []byte) (int, error) { started(); return out.Write(p) }))
		})
	}
	opened.Wait() // each has its first line, which comes after it is a reader
	close(hold)
	ended.Wait()
	if n := asked.Load(); n != 2 {
		t.Errorf("%d readings for %d pages of two users, want 2", n, 2*pages)
	}
}

type writer func(p []byte) (int, error)

func (w writer) Write(p []byte) (int, error) { return w(p) }
