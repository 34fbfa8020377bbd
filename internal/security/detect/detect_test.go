package detect_test

import (
	"bytes"
	"fmt"
	"maps"
	"math/rand/v2"
	"net/netip"
	"slices"
	"strings"
	"testing"
	"time"

	"github.com/romashka/sidecar/internal/security/detect"
	"github.com/romashka/sidecar/internal/security/event"
)

// start of all stories; a Monday.
var start = event.MomentOf(time.Date(2026, 3, 2, 9, 0, 0, 0, time.UTC))

const (
	chrome = "Mozilla/5.0 (Windows NT 10.0; Win64; x64) AppleWebKit/537.36 (KHTML, like Gecko) Chrome/138.0.0.0 Safari/537.36"
	python = "python-requests/2.32.3"
	phone  = "RomashkaApp/4.2 (Android 15; SM-A556B)"
	home   = "198.51.100.7"
	away   = "203.0.113.9"
)

// story is a list of events in the making.
type story struct {
	now    event.Moment
	events []event.Event
}

func (s *story) wait(d time.Duration) *story { s.now = s.now.Add(d); return s }

func (s *story) add(e event.Event, address string) *story {
	e.At, e.ID, e.Address = s.now, fmt.Sprintf("row-%05d", len(s.events)), netip.MustParseAddr(address)
	s.events = append(s.events, e)
	return s
}

func (s *story) get(user, address, agent, path string, status int) *story {
	return s.add(event.Event{Kind: event.Request, User: user, Agent: agent, Method: "GET", Path: path, Status: status, Session: "of " + user}, address)
}

func (s *story) signIn(address, agent string, status int) *story {
	return s.add(event.Event{Kind: event.Request, Agent: agent, Method: "POST", Path: "/auth/v1/token", Status: status, Grant: "password"}, address)
}

func (s *story) session(user, address, agent string) *story {
	return s.signIn(address, agent, 200).wait(30*time.Millisecond).add(event.Event{Kind: event.Session, User: user, Agent: agent}, address)
}

// past is a user who comes from home each day for three weeks.
func (s *story) past(users ...string) *story {
	for range 21 {
		for _, u := range users {
			s.session(u, home, chrome).wait(time.Second)
			for range 5 {
				s.get(u, home, chrome, "/rest/v1/messages", 200).wait(20 * time.Second)
			}
		}
		s.wait(day - time.Duration(len(users))*101*time.Second)
	}
	return s
}

const day = 24 * time.Hour

func (s *story) times(n int, pause time.Duration, act func(i int)) *story {
	for i := range n {
		act(i)
		s.wait(pause)
	}
	return s
}

// found runs the rules, and gives "rule severity principal" of each incident.
func found(s *story, o detect.Options) []string {
	d := detect.New(o)
	d.Know("ann", detect.Person{Role: "user"})
	d.Know("root", detect.Person{Role: "admin"})
	for i := range s.events {
		d.Push(&s.events[i])
	}
	var list []string
	for _, i := range d.Take() {
		list = append(list, fmt.Sprintf("%s %s %s", i.Rule, i.Severity, i.Principal))
	}
	return list
}

// limited is the word of the limit of codes, after n of them.
func limited(s *story, user, address string, n int) *story {
	return s.add(event.Event{Kind: event.Factor, User: user, Change: event.Limited, Count: n}, address)
}

func TestRules(t *testing.T) {
	t.Parallel()
	for _, tt := range []struct {
		name string
		tell func(*story)
		want []string
	}{
		{"a password guessed fast", func(s *story) { s.times(40, 2*time.Second, func(int) { s.signIn(away, python, 400) }) },
			[]string{"auth.bruteforce.ip high address 203.0.113.9/32"}},
		{"a password guessed slowly", func(s *story) { s.times(20, 12*time.Minute, func(int) { s.signIn(away, python, 400) }) },
			[]string{"auth.bruteforce.ip low address 203.0.113.9/32"}},
		{"one address counted in one row", func(s *story) {
			s.add(event.Event{Kind: event.Request, Method: "POST", Path: "/auth/v1/token", Status: 400, Count: 50}, away)
		}, []string{"auth.bruteforce.ip high address 203.0.113.9/32"}},
		{"an address within a /64", func(s *story) {
			s.times(12, 10*time.Second, func(i int) { s.signIn(fmt.Sprintf("2001:db8:1:2::%x", i+1), python, 400) })
		}, []string{"auth.bruteforce.ip medium address 2001:db8:1:2::/64"}},
		{"a refresh token that nobody knows", func(s *story) {
			s.times(12, 10*time.Second, func(int) {
				s.add(event.Event{Kind: event.Request, Method: "POST", Path: "/auth/v1/token", Status: 400, Grant: "refresh_token"}, away)
			})
		}, nil},
		{"four wrong passwords at home, then the right one", func(s *story) {
			s.past("ann").times(4, 5*time.Second, func(int) { s.signIn(home, chrome, 400) }).session("ann", home, chrome)
		}, nil},
		{"six wrong passwords at home, then the right one", func(s *story) {
			s.past("ann").times(6, 5*time.Second, func(int) { s.signIn(home, chrome, 400) }).session("ann", home, chrome)
		}, []string{"auth.bruteforce.ip low address 198.51.100.7/32"}},
		{"six wrong passwords elsewhere, then the right one", func(s *story) {
			s.past("ann").times(6, 5*time.Second, func(int) { s.signIn(away, python, 400) }).session("ann", away, python)
		}, []string{"auth.bruteforce.ip low address 203.0.113.9/32", "auth.success_after_fail high user ann", "session.new_device medium user ann"}},
		{"the same without rows of sessions", func(s *story) {
			s.past("ann").times(6, 5*time.Second, func(int) { s.signIn(away, python, 400) }).signIn(away, python, 200).wait(time.Second).
				get("ann", away, python, "/rest/v1/messages", 200)
		}, []string{"auth.bruteforce.ip low address 203.0.113.9/32", "auth.success_after_fail high user ann", "session.token_replay high session of ann"}},
		{"the same of an admin", func(s *story) {
			s.past("root").times(6, 5*time.Second, func(int) { s.signIn(away, python, 400) }).session("root", away, python)
		}, []string{"auth.bruteforce.ip low address 203.0.113.9/32", "auth.success_after_fail critical user root", "session.new_device high user root"}},
		{"passwords sprayed", func(s *story) {
			s.times(60, 10*time.Second, func(i int) { s.signIn(fmt.Sprintf("192.0.%d.5", i%30), python, 400) })
		}, []string{"auth.spray.distributed high all"}},
		{"one loud address is no spray", func(s *story) {
			s.times(60, 10*time.Second, func(int) { s.signIn(away, python, 400) })
			s.times(4, time.Second, func(i int) { s.signIn(fmt.Sprintf("192.0.%d.5", i), chrome, 400) })
		}, []string{"auth.bruteforce.ip high address 203.0.113.9/32"}},
		{"a stolen token", func(s *story) {
			s.past("ann").session("ann", home, chrome).get("ann", home, chrome, "/rest/v1/messages", 200).wait(time.Minute).
				get("ann", away, python, "/rest/v1/messages", 200).wait(time.Minute).get("ann", home, chrome, "/rest/v1/messages", 200)
		}, []string{"session.token_replay high session of ann"}},
		{"a phone that changes its network", func(s *story) {
			s.past("ann").get("ann", home, phone, "/a", 200).wait(time.Minute).get("ann", away, phone, "/a", 200)
		}, nil},
		{"a web view in an app", func(s *story) {
			s.past("ann").get("ann", home, phone, "/a", 200).wait(time.Minute).get("ann", home, chrome, "/a", 200).wait(time.Minute).get("ann", away, phone, "/a", 200)
		}, nil},
		{"a refresh token used twice", func(s *story) {
			s.add(event.Event{Kind: event.Request, Method: "POST", Path: "/auth/v1/token", Status: 400, Grant: "refresh_token", ErrorCode: "refresh_token_already_used"}, away)
		}, []string{"session.token_replay high address 203.0.113.9/32"}},
		{"sessions on many networks", func(s *story) {
			s.past("ann").times(5, 5*time.Minute, func(i int) { s.session("ann", fmt.Sprintf("192.0.%d.5", i), chrome) })
		}, []string{"session.concurrent high user ann"}},
		{"sessions on his own networks", func(s *story) {
			for _, a := range []string{"192.0.1.5", "192.0.2.5", "192.0.3.5"} {
				s.session("ann", a, chrome).wait(time.Hour)
			}
			s.wait(3 * day)
			for _, a := range []string{"192.0.1.5", "192.0.2.5", "192.0.3.5"} {
				s.session("ann", a, chrome).wait(time.Minute)
			}
		}, nil},
		{"codes guessed", func(s *story) { s.times(6, 20*time.Second, func(int) { code(s, "ann", away, 422) }) }, []string{"mfa.bruteforce medium user ann"}},
		{"codes guessed for hours", func(s *story) { s.times(16, 30*time.Minute, func(int) { code(s, "ann", away, 422) }) }, []string{"mfa.bruteforce medium user ann"}},
		{"codes that met the limit, and the log has none of them", func(s *story) { limited(s, "ann", away, 5) }, []string{"mfa.bruteforce medium user ann"}},
		{"codes from everywhere that met the limit", func(s *story) { limited(s, "ann", away, 20) }, []string{"mfa.bruteforce high user ann"}},
		{"codes that met the limit within an hour, and the log has them", func(s *story) {
			s.times(5, 11*time.Minute, func(int) { code(s, "ann", away, 422) })
			limited(s, "ann", away, 5)
		}, nil},
		{"codes of several users that met the limit at one address", func(s *story) {
			s.times(2, time.Minute, func(i int) { limited(s, fmt.Sprint("u", i), away, 3) })
		}, []string{"mfa.bruteforce medium address 203.0.113.9/32"}},
		{"codes mistyped, then right, again and again", func(s *story) {
			s.times(6, time.Minute, func(int) { code(s, "ann", home, 422); code(s, "ann", home, 422); code(s, "ann", home, 200) })
		}, nil},
		{"codes of several users guessed at one address", func(s *story) {
			s.times(6, 20*time.Second, func(i int) { code(s, fmt.Sprint("u", i), away, 422) })
		}, []string{"mfa.bruteforce medium address 203.0.113.9/32"}},
		{"a factor removed at home", func(s *story) { s.past("ann"); remove(s, "ann", home, "old") }, []string{"mfa.removed medium user ann"}},
		{"a factor removed by an admin", func(s *story) { s.past("root"); remove(s, "root", home, "old") }, []string{"mfa.removed high user root"}},
		{"a factor removed on a new network", func(s *story) { s.past("ann"); remove(s, "ann", away, "old") }, []string{"mfa.removed critical user ann"}},
		{"a factor replaced at home", func(s *story) {
			s.past("ann").add(event.Event{Kind: event.Request, User: "ann", Agent: chrome, Method: "POST", Path: "/auth/v1/factors/new/verify", Status: 200}, home).wait(time.Minute)
			remove(s, "ann", home, "old")
		}, nil},
		{"a factor replaced at home, after an hour elsewhere", func(s *story) {
			s.past("ann").session("ann", away, chrome).wait(3*time.Hour).session("ann", home, chrome).wait(time.Minute).
				add(event.Event{Kind: event.Request, User: "ann", Agent: chrome, Method: "POST", Path: "/auth/v1/factors/new/verify", Status: 200}, home).wait(time.Minute)
			remove(s, "ann", home, "old")
			s.add(event.Event{Kind: event.Factor, User: "ann", Change: event.Removed, FactorID: "old"}, home)
			s.events[len(s.events)-1].Address = netip.Addr{} // as Supabase Auth notes it
		}, nil},
		{"a factor replaced by a stranger", func(s *story) {
			s.past("ann").session("ann", away, python).wait(time.Minute).
				add(event.Event{Kind: event.Request, User: "ann", Agent: python, Method: "POST", Path: "/auth/v1/factors/new/verify", Status: 200}, away).wait(time.Minute).
				add(event.Event{Kind: event.Request, User: "ann", Agent: python, Method: "DELETE", Path: "/auth/v1/factors/old", Status: 200}, away)
		}, []string{"mfa.removed critical user ann", "session.new_device low user ann"}},
		{"paths guessed", func(s *story) {
			s.times(20, 5*time.Second, func(i int) { s.get("", away, python, fmt.Sprint("/rest/v1/", i), 404) })
		}, []string{"api.enumeration medium address 203.0.113.9/32"}},
		{"paths guessed for hours", func(s *story) {
			s.times(60, 2*time.Minute, func(i int) { s.get("", away, python, fmt.Sprint("/rest/v1/", i), 404) })
		}, []string{"api.enumeration medium address 203.0.113.9/32"}},
		{"a crawler on dead links", func(s *story) {
			s.times(200, 5*time.Second, func(i int) { s.get("", away, "SiteIndexer/1.7", fmt.Sprint("/help/", i), []int{200, 200, 404}[i%3]) })
		}, nil},
		{"a page with dead pictures", func(s *story) {
			s.past("ann").times(30, 5*time.Second, func(i int) { s.get("ann", home, chrome, fmt.Sprintf("/avatars/%d.png", i), 404) })
		}, nil},
		{"a probe that never learns", func(s *story) {
			s.times(500, time.Minute, func(int) { s.get("", away, "PulseCheck/3", "/healthz", 404) })
		}, nil},
		{"payloads", func(s *story) {
			s.times(3, time.Minute, func(int) { s.get("", away, python, "/x/'%20OR%20'1'='1", 400) })
		},
			[]string{"api.attack_tool_or_payload high address 203.0.113.9/32"}},
		{"a scanner", func(s *story) { s.get("", away, "sqlmap/1.8", "/", 200) }, []string{"api.attack_tool_or_payload low address 203.0.113.9/32"}},
		{"files with odd names", func(s *story) {
			s.times(9, time.Minute, func(int) { s.get("ann", home, chrome, "/help/credit-union-select-committee.pdf", 200) })
		}, nil},
		{"on beyond the limit", func(s *story) { s.times(60, time.Second, func(int) { s.get("", away, python, "/a", 429) }) },
			[]string{"api.abuse medium address 203.0.113.9/32"}},
		{"a client that asks again", func(s *story) { s.times(20, 5*time.Second, func(int) { s.get("ann", home, phone, "/a", 429) }) }, []string{"api.abuse low user ann"}},
		{"a burst", func(s *story) {
			s.past("ann").times(400, 500*time.Millisecond, func(int) { s.get("ann", home, chrome, "/a", 200) })
		}, []string{"api.abuse medium user ann"}},
		{"doors of admins", func(s *story) {
			s.past("ann").times(6, 20*time.Second, func(i int) { s.get("ann", home, chrome, fmt.Sprint("/rest/v1/rpc/f", i), 403) })
		}, []string{"api.forbidden_probe high user ann"}},
		{"a widget that may not", func(s *story) {
			s.past("ann").times(30, 150*time.Second, func(int) { s.get("ann", home, chrome, "/rest/v1/rpc/f", 403) })
		}, nil},
		{"much data at once", func(s *story) { s.past("ann"); take(s, "ann", 20, 5_000_000, time.Minute) }, []string{"data.exfiltration high user ann"}},
		{"much data over hours", func(s *story) { s.past("ann"); take(s, "ann", 30, 5_000_000, 15*time.Minute) }, []string{"data.exfiltration critical user ann"}},
		{"an export each day", func(s *story) {
			s.times(20, day-20*time.Minute, func(int) { take(s, "ann", 20, 9_000_000, time.Minute) })
		}, []string{"data.exfiltration medium user ann"}}, // the first one, of which nobody knows anything yet
		{"the service role's key reads all", func(s *story) {
			s.times(20, time.Minute, func(int) {
				s.add(event.Event{Kind: event.Request, User: "ann", Service: true, Path: "/a", Status: 200, Bytes: 9_000_000}, home)
			})
		}, nil},
		{"an account that slept", func(s *story) { s.past("ann").wait(100*day).session("ann", home, chrome) },
			[]string{"account.dormant_login low user ann", "session.new_device low user ann"}},
		{"an address that meets errors", func(s *story) { s.times(12, time.Second, func(int) { s.get("", away, python, "/a", 500) }) },
			[]string{"server.error_spike low address 203.0.113.9/32"}},
		{"errors for all", func(s *story) {
			s.times(300, time.Second, func(i int) {
				status := 200
				if i%10 == 0 {
					status = 503
				}
				s.get("", fmt.Sprintf("192.0.2.%d", 1+i/10%9), python, "/a", status)
			})
		}, []string{"server.error_spike medium all"}},
	} {
		t.Run(tt.name, func(t *testing.T) {
			t.Parallel()
			s := &story{now: start}
			tt.tell(s)
			got := found(s, detect.Options{})
			slices.Sort(got)
			if !slices.Equal(got, tt.want) {
				t.Errorf("found\n  %s\nwant\n  %s", strings.Join(got, "\n  "), strings.Join(tt.want, "\n  "))
			}
		})
	}
}

func code(s *story, user, address string, status int) {
	s.add(event.Event{Kind: event.Request, User: user, Agent: chrome, Method: "POST", Path: "/auth/v1/factors/f1/verify", Status: status}, address)
}

func remove(s *story, user, address, factor string) {
	s.add(event.Event{Kind: event.Request, User: user, Agent: chrome, Method: "DELETE", Path: "/auth/v1/factors/" + factor, Status: 200}, address)
}

func take(s *story, user string, n int, bytes int64, pause time.Duration) {
	s.times(n, pause, func(int) {
		s.add(event.Event{Kind: event.Request, User: user, Agent: chrome, Method: "GET", Path: "/rest/v1/messages", Status: 200, Bytes: bytes}, home)
	})
}

func TestTravel(t *testing.T) {
	t.Parallel()
	berlin, tokyo := event.Place{Country: "DE", Latitude: 52.5, Longitude: 13.4, Positioned: true}, event.Place{Country: "JP", Latitude: 35.7, Longitude: 139.7, Positioned: true}
	for _, tt := range []struct {
		name   string
		second event.Place
		after  time.Duration
		want   []string
	}{
		{"in an hour", tokyo, time.Hour, []string{"session.impossible_travel high user ann"}},
		{"by plane", tokyo, 13 * time.Hour, nil},
		{"countries alone", event.Place{Country: "JP"}, 20 * time.Minute, []string{"session.impossible_travel high user ann"}},
		{"countries alone, later", event.Place{Country: "JP"}, time.Hour, nil},
		{"nearby", event.Place{Country: "PL", Latitude: 52.4, Longitude: 16.9, Positioned: true}, time.Minute, nil},
		{"nowhere known", event.Place{}, time.Minute, nil},
	} {
		t.Run(tt.name, func(t *testing.T) {
			t.Parallel()
			s := &story{now: start}
			s.add(event.Event{Kind: event.Session, User: "ann", Agent: chrome, Place: berlin}, home).wait(tt.after)
			s.add(event.Event{Kind: event.Session, User: "ann", Agent: chrome, Place: tt.second}, away)
			if got := found(s, detect.Options{}); !slices.Equal(got, tt.want) {
				t.Errorf("found %v, want %v", got, tt.want)
			}
		})
	}
}

// TestEpisodes: one incident until 30 minutes are quiet, then the next.
func TestEpisodes(t *testing.T) {
	t.Parallel()
	s := &story{now: start}
	for range 3 {
		s.times(8, time.Minute, func(int) { s.signIn(away, python, 400) }).wait(20 * time.Minute)
	}
	s.wait(31*time.Minute).times(8, time.Minute, func(int) { s.signIn(away, python, 400) })
	d := detect.New(detect.Options{})
	for i := range s.events {
		d.Push(&s.events[i])
	}
	list := d.Take()
	if len(list) != 2 || list[0].Count != 24 || list[1].Count != 8 {
		t.Fatalf("found %d incidents: %+v", len(list), list)
	}
	if list[0].Key == list[1].Key {
		t.Error("two episodes have one key")
	}
	if want := s.events[4].At; list[0].DetectedAt != want {
		t.Errorf("detected at %v, want %v", list[0].DetectedAt.Time(), want.Time())
	}
}

// TestGroups: two rules on one stranger are one group, and graver; two rules on a
// user at home are no graver.
func TestGroups(t *testing.T) {
	t.Parallel()
	s := &story{now: start}
	s.times(20, time.Second, func(i int) { s.get("", away, python, fmt.Sprint("/", i), 404) })
	s.times(12, 10*time.Second, func(int) { s.signIn(away, python, 400) })
	d := detect.New(detect.Options{})
	for i := range s.events {
		d.Push(&s.events[i])
	}
	list := d.Take()
	if len(list) != 2 || list[0].Group == "" || list[0].Group != list[1].Group {
		t.Fatalf("no group: %+v", list)
	}
	if list[0].Severity != detect.High {
		t.Errorf("severity %v, want medium raised to high", list[0].Severity)
	}
}

func TestAllowed(t *testing.T) {
	t.Parallel()
	for _, tt := range []struct {
		list string
		want int
	}{
		{`[]`, 1},
		{`[{"network":"203.0.113.0/24"}]`, 0},
		{`[{"network":"203.0.113.9/32","rule":"auth.bruteforce.ip"}]`, 0},
		{`[{"network":"203.0.113.0/24","rule":"api.enumeration"}]`, 1},
		{`[{"agent":"python-requests"}]`, 0},
		{`[{"path":"/auth/v1/*"}]`, 0},
		{`[{"agent":"curl"}]`, 1},
	} {
		allowed, err := detect.ParseAllowed([]byte(tt.list))
		if err != nil {
			t.Fatal(err)
		}
		s := &story{now: start}
		s.times(40, 2*time.Second, func(int) { s.signIn(away, python, 400) })
		if got := found(s, detect.Options{Allowed: allowed}); len(got) != tt.want {
			t.Errorf("%s: found %v", tt.list, got)
		}
	}
	for _, bad := range []string{`{}`, `[{}]`, `[{"rule":"api.abuse"}]`, `[{"network":"x"}]`, `[{"rule":"nope","user":"u"}]`, `[{"path":"["}]`} {
		if _, err := detect.ParseAllowed([]byte(bad)); err == nil {
			t.Errorf("%s was taken", bad)
		}
	}
}

func TestThresholds(t *testing.T) {
	t.Parallel()
	set, err := detect.Defaults().Parse([]byte(`{"auth.bruteforce.ip":{"low":3,"window":"20m"}}`))
	if err != nil {
		t.Fatal(err)
	}
	s := &story{now: start}
	s.times(3, 9*time.Minute, func(int) { s.signIn(away, python, 400) })
	if got := found(s, detect.Options{Thresholds: &set}); len(got) != 1 {
		t.Errorf("found %v", got)
	}
	for _, bad := range []string{`{"auth.bruteforce.ip":{"lo":3}}`, `{"x":1}`, `{"auth.bruteforce.ip":{"low":0}}`, `{"auth.bruteforce.ip":{"window":"-5m"}}`,
		`{"auth.bruteforce.ip":{"window":"5"}}`, `{"auth.bruteforce.ip":{"slow_window":"99999h"}}`, `[]`, `{} {}`} {
		if _, err := detect.Defaults().Parse([]byte(bad)); err == nil {
			t.Errorf("%s was taken", bad)
		}
	}
}

// TestOrder: rows in any order and batches of any size give the same incidents,
// once their lateness has passed.
func TestOrder(t *testing.T) {
	t.Parallel()
	s := busyDay()
	d := detect.New(detect.Options{})
	for i := range s.events {
		d.Push(&s.events[i])
	}
	want := describe(d.Take())
	if len(want) < 8 {
		t.Fatalf("the day is too quiet: %v", want)
	}
	for seed := range uint64(5) {
		got := describe(streamed(detect.New(detect.Options{}), s.events, seed))
		if !slices.Equal(got, want) {
			t.Errorf("seed %d:\n%s\nwant\n%s", seed, strings.Join(got, "\n"), strings.Join(want, "\n"))
		}
	}
}

// streamed gives d the events in batches of any size, some of them late, some
// twice, and returns the last message of each incident.
func streamed(d *detect.Detector, events []event.Event, seed uint64) []detect.Incident {
	type arrival struct {
		at event.Moment
		e  event.Event
	}
	r := rand.New(rand.NewPCG(seed, 1))
	var rows []arrival
	for _, e := range events {
		late := time.Duration(0)
		if r.IntN(10) == 0 {
			late = time.Duration(r.Int64N(int64(detect.Lateness - time.Second)))
		}
		rows = append(rows, arrival{e.At.Add(late), e})
		if r.IntN(20) == 0 { // given twice
			rows = append(rows, arrival{e.At.Add(late), e})
		}
	}
	slices.SortFunc(rows, func(a, b arrival) int { return int(a.at - b.at) })
	stream, final := detect.NewStream(d, 0), map[string]detect.Incident{}
	keep := func(list []detect.Incident) {
		for _, i := range list {
			for key, was := range final { // as the table does it: by rule, principal and overlap
				if was.Rule == i.Rule && was.Principal == i.Principal && was.FirstSeen < i.LastSeen.Add(30*time.Minute) && i.FirstSeen < was.LastSeen.Add(30*time.Minute) {
					delete(final, key)
				}
			}
			final[i.Key] = i
		}
	}
	for len(rows) > 0 {
		n := min(len(rows), 1+r.IntN(200))
		batch := make([]event.Event, n)
		for i := range batch {
			batch[i] = rows[i].e
		}
		stream.Add(batch, rows[n-1].at)
		rows = rows[n:]
		keep(stream.Advance())
	}
	keep(stream.Close())
	return slices.Collect(maps.Values(final))
}

func describe(list []detect.Incident) []string {
	var lines []string
	for _, i := range list {
		lines = append(lines, fmt.Sprintf("%s %v %s %s %d..%d %d", i.Rule, i.Severity, i.Principal, i.Key, i.DetectedAt, i.LastSeen, i.Count))
	}
	slices.Sort(lines)
	return lines
}

// busyDay has traffic and a number of attacks in one day.
func busyDay() *story {
	s := &story{now: start}
	s.past("ann", "root", "bob")
	s.times(30, 7*time.Second, func(int) { s.signIn(away, python, 400) })
	s.session("ann", away, python).wait(time.Minute)
	s.times(40, 11*time.Second, func(i int) {
		s.get("", "192.0.2.8", python, fmt.Sprint("/", i), 404).get("bob", home, chrome, "/rest/v1/messages", 200)
	})
	s.times(60, 10*time.Second, func(i int) { s.signIn(fmt.Sprintf("192.0.%d.5", i%30), python, 400) })
	s.wait(40*time.Minute).times(4, 5*time.Minute, func(i int) { s.session("bob", fmt.Sprintf("192.0.%d.5", i), chrome) })
	s.times(25, 9*time.Second, func(int) { code(s, "bob", "192.0.1.5", 422) })
	remove(s, "bob", "192.0.1.5", "old")
	s.get("root", home, chrome, "/a", 200).wait(time.Minute).get("root", away, python, "/a", 200)
	take(s, "ann", 30, 6_000_000, 40*time.Second)
	s.times(5, time.Second, func(int) { s.get("", "192.0.2.9", python, "/x/..%2f..%2fetc%2fpasswd", 400) })
	return s.wait(30 * time.Minute).past("ann")
}

// TestSnapshot: a saved and loaded detector goes on as if nothing had happened.
func TestSnapshot(t *testing.T) {
	t.Parallel()
	s := busyDay()
	whole := detect.New(detect.Options{})
	for i := range s.events {
		whole.Push(&s.events[i])
	}
	want := describe(whole.Take())
	var got []string
	for cut := len(s.events) / 7; cut < len(s.events); cut += len(s.events) / 7 {
		stream := detect.NewStream(detect.New(detect.Options{}), 0)
		stream.Add(slices.Clone(s.events[:cut]), s.events[cut-1].At)
		final := map[string]detect.Incident{}
		for _, i := range stream.Advance() {
			final[i.Key] = i
		}
		var memory bytes.Buffer
		if err := stream.Save(&memory); err != nil {
			t.Fatal(err)
		}
		again := detect.New(detect.Options{})
		if err := again.Load(&memory); err != nil {
			t.Fatal(err)
		}
		rest := detect.NewStream(again, stream.Settled())
		for _, e := range s.events {
			if e.At > stream.Settled() {
				rest.Add([]event.Event{e}, s.events[len(s.events)-1].At)
			}
		}
		for _, i := range append(rest.Advance(), rest.Close()...) {
			final[i.Key] = i
		}
		var list []detect.Incident
		for _, i := range final {
			list = append(list, i)
		}
		if got = describe(list); !slices.Equal(got, want) {
			t.Errorf("cut at %d:\n%s\nwant\n%s", cut, strings.Join(got, "\n"), strings.Join(want, "\n"))
		}
	}
}
