package realtime

import (
	"net"
	"testing"

	"github.com/romashka/sidecar/internal/realtime/phoenix"
	"github.com/romashka/sidecar/internal/realtime/source"
	"github.com/romashka/sidecar/internal/realtime/visible"
)

func isClosed(c <-chan struct{}) bool {
	select {
	case <-c:
		return true
	default:
		return false
	}
}

// Pages are told of changes of their tables, and of what was missed, and of no others.
func TestPagesAreTold(t *testing.T) {
	t.Parallel()
	s := quiet(Limits{})
	s.checker = visible.New(visible.Options{})
	if s.changes.signal([]string{"a"}) != nil {
		t.Error("changes are promised that are not followed")
	}
	s.changes.add(source.Event{Live: true})
	one, two := s.changes.signal([]string{"a", "b"}), s.changes.signal([]string{"c"})
	if list := s.changes.wanted(); len(list) != 4 { // a from before
		t.Errorf("wanted: %v", list)
	}
	s.tell(t.Context(), []*source.Change{{Schema: "public", Table: "b"}, {Schema: "other", Table: "c"}})
	if !isClosed(one) || isClosed(two) {
		t.Errorf("b and other.c have changed: %v, %v", isClosed(one), isClosed(two))
	}
	if again := s.changes.signal([]string{"a", "b"}); isClosed(again) {
		t.Error("it is told twice")
	}
	s.changes.fire()
	if !isClosed(two) {
		t.Error("what was missed is not told")
	}
}

// Frames that are put one by one go out together, to one call of the connection, and
// readers of the same bytes share them.
func TestFramesGoOutTogether(t *testing.T) {
	t.Parallel()
	here, there := net.Pipe()
	defer here.Close()
	h := &gathered{Conn: here}
	h.hold()
	for _, text := range []string{"one ", "two ", "three"} {
		if _, err := h.Write([]byte(text)); err != nil {
			t.Fatal(err)
		}
	}
	go func() { _ = h.release() }() // it ends with the read
	got := make([]byte, 100)
	if n, err := there.Read(got); err != nil || string(got[:n]) != "one two three" {
		t.Errorf("%q, %v", got[:n], err)
	}
	w := &showing{frames: map[frameKey]phoenix.Frame{}}
	change := &source.Change{Schema: "public", Table: "a", Op: "INSERT"}
	frame := func(record string) phoenix.Frame {
		w.prepare(change, &visible.Row{Seen: true, Record: []byte(record), Key: []byte(`{}`)}, []byte(`[]`))
		return w.frame(phoenix.Arrays, "realtime:a", 1)
	}
	first, same, other := frame(`{"a":1}`), frame(`{"a":1}`), frame(`{"a":2}`)
	if &first.Data[0] != &same.Data[0] || string(first.Data) == string(other.Data) {
		t.Error("the same row is written twice, or another as the same")
	}
}
