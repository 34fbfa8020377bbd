package detect_test

import (
	"fmt"
	"testing"
	"time"

	"github.com/romashka/sidecar/internal/security/detect"
)

// Requests that were refused for their address feed no rule: else one block
// would be the reason for the next.
func TestRefusedRequestsFeedNoRule(t *testing.T) {
	t.Parallel()
	for _, blocked := range []bool{false, true} {
		s := &story{now: start}
		for n := range 200 {
			s.get("", away, python, fmt.Sprint("/rest/v1/guess", n), 403).signIn(away, python, 403).wait(time.Second)
		}
		d := detect.New(detect.Options{})
		for i := range s.events {
			s.events[i].Blocked = blocked
			d.Push(&s.events[i])
		}
		if found := d.Take(); (len(found) == 0) != blocked {
			t.Errorf("refused for the address %v: %d incidents", blocked, len(found))
		}
	}
}
