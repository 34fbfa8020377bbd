package limit_test

import (
	"context"
	"fmt"
	"net/netip"
	"runtime"
	"testing"
	"time"

	"github.com/google/go-cmp/cmp"

	"github.com/romashka/sidecar/internal/edge/limit"
)

func TestParseRate(t *testing.T) {
	t.Parallel()
	for text, want := range map[string]limit.Rate{
		"100/s": {Count: 100, Per: time.Second}, " 600/m": {Count: 600, Per: time.Minute}, "1/h": {Count: 1, Per: time.Hour},
		"": {}, "100": {}, "0/s": {}, "-1/s": {}, "1/d": {}, "x/s": {}, "1/s/s": {},
	} {
		got, err := limit.ParseRate(text)
		if got != want || (err == nil) == want.IsZero() {
			t.Errorf("ParseRate(%q) = %v, %v", text, got, err)
		}
		if again, _ := limit.ParseRate(got.String()); again != got {
			t.Errorf("%q does not come back", got)
		}
	}
}

func TestParseRoleRates(t *testing.T) {
	t.Parallel()
	got, err := limit.ParseRoleRates("anon=50/s, authenticated=600/m")
	want := []limit.RoleRate{{"anon", limit.Rate{Count: 50, Per: time.Second}}, {"authenticated", limit.Rate{Count: 600, Per: time.Minute}}}
	if err != nil || !cmp.Equal(got, want) {
		t.Errorf("%v, %v", got, err)
	}
	for _, bad := range []string{"", "anon", "anon=5", "=5/s", "anon=5/s,", "anon=5/s,anon=6/s"} {
		if got, err := limit.ParseRoleRates(bad); err == nil {
			t.Errorf("%q = %v", bad, got)
		}
	}
}

func must(t testing.TB, o limit.Options) *limit.Limiter {
	t.Helper()
	l, err := limit.New(o)
	if err != nil {
		t.Fatal(err)
	}
	return l
}

func per(n int, d time.Duration) limit.Rate { return limit.Rate{Count: n, Per: d} }

var home, neighbour = netip.MustParseAddr("203.0.113.1"), netip.MustParseAddr("203.0.113.2") // read-only

// Each step is one request; want is the limit that refuses it, "" for none.
func TestAllow(t *testing.T) {
	t.Parallel()
	type step struct {
		after time.Duration // since the first
		c     limit.Caller
		want  string
	}
	alice, bob := limit.Caller{Role: "authenticated", Subject: "alice", Address: home}, limit.Caller{Role: "authenticated", Subject: "bob", Address: home}
	server := limit.Caller{Role: "service_role", Subject: "alice", Address: home}
	for name, tt := range map[string]struct {
		o     limit.Options
		steps []step
	}{
		"off": {limit.Options{}, []step{{0, alice, ""}, {0, alice, ""}}},
		"per user": {limit.Options{PerUser: per(2, time.Second)}, []step{
			{0, alice, ""}, {0, alice, ""}, {0, alice, "user"}, {0, bob, ""}, {0, limit.Caller{Address: home}, ""},
			{499 * time.Millisecond, alice, "user"}, {500 * time.Millisecond, alice, ""}, {501 * time.Millisecond, alice, "user"},
		}},
		"per address": {limit.Options{PerIP: per(1, time.Minute)}, []step{
			{0, alice, ""}, {0, bob, "address"}, {0, limit.Caller{Address: neighbour}, ""}, {0, server, ""}, {time.Minute, bob, ""},
			{time.Minute, limit.Caller{Address: netip.MustParseAddr("::ffff:203.0.113.1")}, "address"},
		}},
		"an IPv6 subscriber": {limit.Options{PerIP: per(1, time.Minute)}, []step{
			{0, limit.Caller{Address: netip.MustParseAddr("2001:db8::1")}, ""}, {0, limit.Caller{Address: netip.MustParseAddr("2001:db8::2")}, "address"},
			{0, limit.Caller{Address: netip.MustParseAddr("2001:db8:0:1::1")}, ""},
		}},
		"per role": {limit.Options{PerRole: []limit.RoleRate{{"authenticated", per(1, time.Second)}, {"service_role", per(1, time.Hour)}}}, []step{
			{0, alice, ""}, {0, bob, "role"}, {0, limit.Caller{Role: "anon"}, ""}, {0, server, ""}, {0, server, ""},
		}},
		"a refusal takes from no bucket": {limit.Options{PerIP: per(2, time.Hour), PerUser: per(1, time.Hour)}, []step{
			{0, alice, ""}, {0, alice, "user"}, {0, alice, "user"}, {0, bob, ""}, {0, limit.Caller{Address: home}, "address"},
		}},
	} {
		t.Run(name, func(t *testing.T) {
			t.Parallel()
			l, start := must(t, tt.o), time.Unix(1e9, 0)
			for i, s := range tt.steps {
				v := l.Allow(context.Background(), start.Add(s.after), s.c)
				refused := ""
				if !v.Allowed {
					refused = v.Name
				}
				if refused != s.want {
					t.Errorf("step %d: refused by %q, want %q", i, refused, s.want)
				}
			}
		})
	}
}

func TestVerdict(t *testing.T) {
	t.Parallel()
	l, now := must(t, limit.Options{PerUser: per(60, time.Minute), PerIP: per(3, time.Second)}), time.Unix(1e9, 0)
	c := limit.Caller{Subject: "alice", Address: home}
	got := l.Allow(context.Background(), now, c)
	want := limit.Verdict{Allowed: true, Applies: true, Limit: per(3, time.Second), Remaining: 2, Reset: time.Second / 3, Name: "address", Setting: limit.SettingIP}
	if diff := cmp.Diff(want, got); diff != "" {
		t.Error(diff)
	}
	l.Allow(context.Background(), now, c)
	l.Allow(context.Background(), now, c)
	got = l.Allow(context.Background(), now, c)
	if got.Allowed || got.Remaining != 0 || got.RetryAfter != time.Second/3 || limit.Seconds(got.RetryAfter) != "1" || got.Setting != limit.SettingIP {
		t.Errorf("%+v", got)
	}
}

// However many clients come, memory stays bounded.
func TestManyClients(t *testing.T) {
	t.Parallel()
	l, now := must(t, limit.Options{PerUser: per(1, time.Hour), MaxKeys: 1000}), time.Unix(1e9, 0)
	first := limit.Caller{Subject: "first"}
	l.Allow(context.Background(), now, first)
	before := heap()
	for i := range 200_000 {
		l.Allow(context.Background(), now, limit.Caller{Subject: fmt.Sprint("user ", i)})
	}
	if grown := int64(heap()) - int64(before); grown > 4<<20 {
		t.Errorf("grown by %d bytes", grown)
	}
	if !l.Allow(context.Background(), now, first).Allowed {
		t.Error("a client seen long ago is still refused")
	}
}

func heap() uint64 {
	runtime.GC()
	var m runtime.MemStats
	runtime.ReadMemStats(&m)
	return m.HeapAlloc
}

func BenchmarkAllow(b *testing.B) {
	l := must(b, limit.Options{PerUser: per(1<<30, time.Second), PerIP: per(1<<30, time.Second)})
	c, now := limit.Caller{Role: "authenticated", Subject: "11111111-1111-4111-8111-111111111111", Address: home}, time.Now()
	b.ReportAllocs()
	for b.Loop() {
		l.Allow(context.Background(), now, c)
	}
}
