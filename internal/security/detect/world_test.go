package detect_test

import (
	"bufio"
	"encoding/csv"
	"encoding/json"
	"errors"
	"io"
	"net/netip"
	"os"
	"path/filepath"
	"slices"
	"strconv"
	"testing"
	"time"

	"github.com/google/go-cmp/cmp"

	"github.com/romashka/sidecar/internal/security/detect"
	"github.com/romashka/sidecar/internal/security/event"
)

// TestWorld runs the rules over folders of simulated rows, WORLD=folder:folder,
// and leaves the findings in found.jsonl of each, for the simulator's score.
// With WORLD_STREAM=1 the rows come late and in batches too.
func TestWorld(t *testing.T) {
	t.Parallel()
	folders := filepath.SplitList(os.Getenv("WORLD"))
	if len(folders) == 0 {
		t.Skip("WORLD names no folder")
	}
	for _, folder := range folders {
		events, people := readWorld(t, folder)
		began := time.Now()
		d := detect.New(detect.Options{})
		for id, p := range people {
			d.Know(id, p)
		}
		for i := range events {
			d.Push(&events[i])
		}
		found := d.Take()
		writeLines(t, filepath.Join(folder, "found.jsonl"), found)
		if os.Getenv("WORLD_STREAM") != "" {
			d := detect.New(detect.Options{})
			for id, p := range people {
				d.Know(id, p)
			}
			if diff := cmp.Diff(describe(found), describe(streamed(d, events, 1))); diff != "" {
				t.Errorf("%s: in order and as they come (-want +got):\n%s", folder, diff)
			}
		}
		t.Logf("%s: %d events, %d incidents, %v", folder, len(events), len(found), time.Since(began).Round(time.Millisecond))
	}
}

func writeLines(t *testing.T, name string, found []detect.Incident) {
	t.Helper()
	f, err := os.Create(name)
	if err != nil {
		t.Fatal(err)
	}
	w := bufio.NewWriter(f)
	for _, i := range found {
		if err := json.NewEncoder(w).Encode(i); err != nil {
			t.Fatal(err)
		}
	}
	if err := errors.Join(w.Flush(), f.Close()); err != nil {
		t.Fatal(err)
	}
}

// readWorld reads a folder of the simulator, in order of time.
func readWorld(t *testing.T, folder string) ([]event.Event, map[string]detect.Person) {
	t.Helper()
	var events []event.Event
	readCSV(t, filepath.Join(folder, "api_log.csv"), func(r map[string]string) {
		var request, response map[string]string
		fromJSON(t, r["request_headers"], &request)
		fromJSON(t, r["response_headers"], &response)
		status, _ := strconv.Atoi(r["response_code"])
		bytes, _ := strconv.ParseInt(response["content-length"], 10, 64)
		events = append(events, event.Event{
			Kind: event.Request, At: momentOf(t, r["timestamp"]), ID: r["id"], User: r["user_id"], Address: addressOf(r["ip_address"]),
			Agent: request["user-agent"], Place: event.Place{Country: request["cf-ipcountry"]}, Method: r["method"], Path: r["endpoint"], Status: status,
			Limited: r["rate_limit_hit"] == "t", Grant: request["grant_type"], Session: request["session_hash"], Bytes: bytes,
		})
	})
	readCSV(t, filepath.Join(folder, "sessions.csv"), func(r map[string]string) {
		var place event.Place
		if r["geolocation"] != "" {
			fromJSON(t, r["geolocation"], &place)
			place.Positioned = true
		}
		events = append(events, event.Event{
			Kind: event.Session, At: momentOf(t, r["created_at"]), ID: r["id"], User: r["user_id"], Address: addressOf(r["ip_address"]),
			Agent: r["user_agent"], Place: place,
		})
	})
	readCSV(t, filepath.Join(folder, "audit.csv"), func(r map[string]string) {
		var p struct {
			Actor  string `json:"actor_id"`
			Action string
			Traits struct {
				Factor string `json:"factor_id"`
			}
		}
		fromJSON(t, r["payload"], &p)
		if p.Action == "factor_unenrolled" {
			events = append(events, event.Event{Kind: event.Factor, At: momentOf(t, r["created_at"]), ID: r["id"], User: p.Actor, Change: event.Removed, FactorID: p.Traits.Factor})
		}
	})
	people := map[string]detect.Person{}
	readCSV(t, filepath.Join(folder, "profiles.csv"), func(r map[string]string) {
		people[r["id"]] = detect.Person{Role: r["role"], Created: momentOf(t, r["created_at"])}
	})
	slices.SortFunc(events, func(a, b event.Event) int { return event.Compare(&a, &b) })
	return events, people
}

func readCSV(t *testing.T, name string, row func(map[string]string)) {
	t.Helper()
	f, err := os.Open(name)
	if err != nil {
		t.Fatal(err)
	}
	defer f.Close()
	r := csv.NewReader(f)
	heading, err := r.Read()
	if err != nil {
		t.Fatal(err)
	}
	for {
		cells, err := r.Read()
		if errors.Is(err, io.EOF) {
			return
		}
		if err != nil {
			t.Fatal(err)
		}
		m := make(map[string]string, len(heading))
		for i, h := range heading {
			m[h] = cells[i]
		}
		row(m)
	}
}

func fromJSON(t *testing.T, text string, into any) {
	t.Helper()
	if err := json.Unmarshal([]byte(text), into); err != nil {
		t.Fatal(err)
	}
}

func momentOf(t *testing.T, text string) event.Moment {
	t.Helper()
	at, err := time.Parse(time.RFC3339Nano, text)
	if err != nil {
		t.Fatal(err)
	}
	return event.MomentOf(at)
}

func addressOf(text string) netip.Addr {
	a, _ := netip.ParseAddr(text)
	return a
}
