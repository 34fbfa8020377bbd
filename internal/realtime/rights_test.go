package realtime

import (
	"context"
	"strings"
	"testing"

	"github.com/google/uuid"

	"github.com/romashka/sidecar/internal/auth"
)

// tenant is a judge of two users: rights by user, and who may read.
type tenant struct {
	rights map[uuid.UUID]string
	may    map[string]bool // by subject
	asked  int
}

func (j *tenant) rightsOf(context.Context, []uuid.UUID) (map[uuid.UUID]string, error) {
	return j.rights, nil
}

func (j *tenant) mayRead(_ context.Context, who auth.Identity, _ string) (hears, sees bool, err error) {
	j.asked++
	return j.may[who.Subject], j.may[who.Subject], nil
}

// The policies of a private topic are asked again when its reader's rights change,
// and only then; who may not read it any more leaves it.
func TestPrivateChannelsEndWithTheirRights(t *testing.T) {
	t.Parallel()
	s := quiet(Limits{})
	ann, ben := uuid.New(), uuid.New()
	ends := map[uuid.UUID]func(string) string{}
	for _, id := range []uuid.UUID{ann, ben} {
		ws, k := connected(t, s)
		c := &channel{k: k, topic: "realtime:team", name: "team", joinRef: []byte(`"1"`), private: true, hears: true, seesPresence: true}
		c.adopt(auth.Identity{Role: "authenticated", Subject: id.String(), Claims: []byte(`{"sub":"` + id.String() + `"}`)})
		if !s.hub.add(c, 10) {
			t.Fatal("the channel is not in its topic")
		}
		ends[id] = func(event string) string { return string(hear(t, ws, event)) }
	}
	j := &tenant{rights: map[uuid.UUID]string{ann: "{audit:read}", ben: "{}"}, may: map[string]bool{ann.String(): true, ben.String(): true}}
	review := func(asked, left int) {
		t.Helper()
		j.asked = 0
		if err := s.review(t.Context(), j); err != nil {
			t.Fatal(err)
		}
		if j.asked != asked || len(s.hub.held()) != left {
			t.Errorf("the policies were asked %d times, and %d are in the topic; want %d and %d", j.asked, len(s.hub.held()), asked, left)
		}
	}
	review(2, 2) // what they might when they joined is not known
	review(0, 2)
	j.rights[ann] = "{}"
	review(1, 2) // she still may
	j.rights[ann], j.may[ann.String()] = "{roles:read}", false
	review(1, 1)
	if got := ends[ann]("system"); !strings.Contains(got, "no longer have permission") {
		t.Error(got)
	}
	ends[ann]("phx_close")
	review(0, 1)
}
