package twofactor_test

import (
	"math"
	"os"
	"slices"
	"sync"
	"testing"
	"time"

	"github.com/google/uuid"

	"github.com/romashka/sidecar/internal/dev/devdb/pgtest"
	"github.com/romashka/sidecar/internal/security/twofactor"
)

// A refusal takes as long whether what it is about exists or not: the mean difference
// of many pairs is not told from zero. ROMASHKA_TEST_TIMING=full measures it, for some
// minutes; it shows what the work alone takes beside what a client sees.
func TestRefusalsTakeTheSameTime(t *testing.T) {
	if os.Getenv("ROMASHKA_TEST_TIMING") != "full" {
		t.Skip("ROMASHKA_TEST_TIMING=full measures for minutes")
	}
	w := newWorld(t, func(o *twofactor.Options) { o.Floor, o.HashCost = 0, 0 }) // as in use
	conn := pgtest.Conn(t, pgtest.As(t, w.url, "supabase_admin"))
	bare := w.replica(t, func(o *twofactor.Options) { o.Floor = -1 })
	const lanes, pairs = 8, 25
	type lane struct{ here, other *client }
	people := make([]lane, lanes)
	factors, phones := make([]uuid.UUID, lanes), make([]uuid.UUID, lanes)
	for i := range people {
		for _, c := range []**client{&people[i].here, &people[i].other} {
			id := uuid.New()
			if _, err := conn.Exec(t.Context(), "WITH u AS (INSERT INTO auth.users (id, email) VALUES ($1::uuid, $1::uuid || '@people.test')) INSERT INTO public.profiles (id, email, role) VALUES ($1::uuid, $1::uuid || '@people.test', 'user') ON CONFLICT DO NOTHING", id); err != nil {
				t.Fatal(err)
			}
			*c = w.signIn(id)
		}
		factor, _, _ := people[i].here.totp(t)
		factors[i] = uuid.MustParse(factor)
		phones[i] = uuid.MustParse(people[i].here.must(t, "enroll", map[string]any{"method": "sms", "phone": "+4915112345678"}).FactorID)
	}
	const backup = "ABCD-EFGH-JKMN"
	for _, tt := range []struct {
		name string
		try  func(i int, exists bool) (c *client, call string, args map[string]any)
	}{
		{"six digits of a user, or of nobody", func(i int, exists bool) (*client, string, map[string]any) {
			if c := people[i].here; exists {
				return c, "verify", map[string]any{"factor_id": factors[i], "code": "000000"}
			}
			return w.signIn(uuid.New()), "verify", map[string]any{"factor_id": factors[i], "code": "000000"}
		}},
		{"a backup code of a user, or of nobody", func(i int, exists bool) (*client, string, map[string]any) {
			if c := people[i].here; exists {
				return c, "verify", map[string]any{"factor_id": factors[i], "code": backup}
			}
			return w.signIn(uuid.New()), "verify", map[string]any{"factor_id": factors[i], "code": backup}
		}},
		{"another's factor, or none", func(i int, exists bool) (*client, string, map[string]any) {
			if exists {
				return people[i].other, "verify", map[string]any{"factor_id": factors[i], "code": "000000"}
			}
			return people[i].other, "verify", map[string]any{"factor_id": uuid.New(), "code": "000000"}
		}},
		{"a backup code of who has some, or none", func(i int, exists bool) (*client, string, map[string]any) {
			if exists {
				return people[i].here, "disable", map[string]any{"factor_id": factors[i], "code": backup}
			}
			return people[i].other, "disable", map[string]any{"factor_id": factors[i], "code": backup}
		}},
		{"a code to another's phone, or to none", func(i int, exists bool) (*client, string, map[string]any) {
			if exists {
				return people[i].other, "challenge", map[string]any{"factor_id": phones[i]}
			}
			return people[i].other, "challenge", map[string]any{"factor_id": uuid.New()}
		}},
		{"a reset of a user, or of nobody", func(i int, exists bool) (*client, string, map[string]any) {
			if exists {
				return people[i].other, "reset", map[string]any{"user_id": people[i].here.id, "reason": "x"}
			}
			return people[i].other, "reset", map[string]any{"user_id": uuid.New(), "reason": "x"}
		}},
	} {
		for _, how := range []struct {
			name string
			h    *twofactor.Handler
			n    int
		}{{"the work alone", bare, pairs}, {"as clients see it", w.replicas[0], pairs}} {
			var mu sync.Mutex
			var there, gone, differences []float64 // milliseconds
			var group sync.WaitGroup
			for i := range lanes {
				group.Go(func() {
					for n := range how.n {
						took := [2]float64{}
						for _, exists := range []bool{n%2 == 0, n%2 != 0} { // by turns the first
							c, call, args := tt.try(i, exists)
							c.h, c.address = how.h, c.address.Next()
							began := time.Now()
							r := c.call(t, call, args)
							ms := float64(time.Since(began)) / float64(time.Millisecond)
							if r.status < 400 || r.status == 429 {
								t.Errorf("%s: %d %s", tt.name, r.status, r.body)
							}
							if exists {
								took[0] = ms
							} else {
								took[1] = ms
							}
							w.exec(t, "DELETE FROM romashka.factor_events WHERE user_id = $1", c.id)
						}
						mu.Lock()
						there, gone, differences = append(there, took[0]), append(gone, took[1]), append(differences, took[0]-took[1])
						mu.Unlock()
					}
				})
			}
			group.Wait()
			d, deviation := moments(differences)
			half := 1.96 * deviation / math.Sqrt(float64(len(differences)))
			a, _ := moments(there)
			b, _ := moments(gone)
			t.Logf("%-40s %-18s %d pairs: exists %.3f ms, not %.3f ms, median difference %.3f ms, mean difference %.3f ms [%.3f, %.3f], slowest %.1f ms",
				tt.name, how.name, len(differences), a, b, median(differences), d, d-half, d+half, max(slices.Max(there), slices.Max(gone)))
			// One in 20 intervals misses zero by chance: a difference that matters is both.
			if how.h != bare && math.Abs(d) > half && math.Abs(d) > 1 {
				t.Errorf("%s: the difference is %.3f ms, in [%.3f, %.3f]", tt.name, d, d-half, d+half)
			}
		}
	}
}

func moments(list []float64) (mean, deviation float64) {
	for _, x := range list {
		mean += x / float64(len(list))
	}
	for _, x := range list {
		deviation += (x - mean) * (x - mean) / float64(len(list)-1)
	}
	return mean, math.Sqrt(deviation)
}

func median(list []float64) float64 {
	slices.Sort(list)
	return list[len(list)/2]
}
