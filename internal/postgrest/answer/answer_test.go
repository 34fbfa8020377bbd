package answer_test

import (
	"bytes"
	"errors"
	"testing"

	"github.com/romashka/sidecar/internal/postgrest/answer"
)

const mb = 1 << 20

func TestTextGrowsByPieces(t *testing.T) {
	t.Parallel()
	for _, size := range []int{0, 1, 1000, answer.PieceSize - 1, answer.PieceSize, answer.PieceSize + 1, 3*answer.PieceSize + 17} {
		for _, step := range []int{1, 1000, answer.PieceSize, 3 * answer.PieceSize} {
			if size > 10_000 && step == 1 {
				continue
			}
			m := answer.NewMemory(64*mb, 0)
			text := answer.Text{Memory: m}
			text.Begin(16)
			want := bytes.Repeat([]byte("0123456789abcdef"), size/16+1)[:size]
			for rest := want; len(rest) > 0; rest = rest[min(step, len(rest)):] {
				if _, err := text.Write(rest[:min(step, len(rest))]); err != nil {
					t.Fatal(err)
				}
			}
			if text.Size() != size {
				t.Errorf("Size = %d, want %d", text.Size(), size)
			}
			first, rest, err := text.End()
			if err != nil {
				t.Fatal(err)
			}
			if got := append(bytes.Clone(first), bytes.Join(rest, nil)...); !bytes.Equal(got, want) {
				t.Errorf("%d bytes by %d: the text is another", size, step)
			}
			if len(rest) > size/answer.PieceSize {
				t.Errorf("%d bytes by %d: %d pieces", size, step, len(rest)+1)
			}
			held := text.Settle()
			if taken := m.Stats().Taken; held != taken || taken < int64(size) || taken > int64(size)+2*answer.PieceSize {
				t.Errorf("%d bytes by %d: %d held, %d taken", size, step, held, taken)
			}
			m.Give(held)
			if taken := m.Stats().Taken; taken != 0 {
				t.Errorf("%d bytes are still taken", taken)
			}
		}
	}
}

func TestTextIsRefused(t *testing.T) {
	t.Parallel()
	for _, tt := range []struct {
		name         string
		all, one     int64
		others       int64 // bytes that are taken by others
		promised     int64
		size         int
		small        bool
		wantTooLarge bool
		wantOK       bool
	}{
		{name: "within both", all: 8 * mb, one: 4 * mb, size: 3 * mb, wantOK: true},
		{name: "larger than one may be", all: 8 * mb, one: 2 * mb, size: 3 * mb, wantTooLarge: true},
		{name: "too large for what is left", all: 8 * mb, one: 4 * mb, others: 5 * mb, size: 3 * mb},
		{name: "the last of the memory is for small ones", all: 8 * mb, one: 4 * mb, others: 7 * mb, size: 600_000},
		{name: "a small one has it", all: 8 * mb, one: 4 * mb, others: 7 * mb, size: 600_000, small: true, wantOK: true},
		{name: "what was promised", all: 8 * mb, one: 1 * mb, promised: 4 * mb, size: 3 * mb, wantOK: true},
		{name: "beyond what was promised", all: 16 * mb, one: 1 * mb, promised: 4 * mb, size: 5 * mb, wantTooLarge: true},
	} {
		t.Run(tt.name, func(t *testing.T) {
			t.Parallel()
			m := answer.NewMemory(tt.all, tt.one)
			m.Take(tt.others, true)
			text := answer.Text{Memory: m}
			if tt.promised > 0 && !text.Promise(tt.promised) {
				t.Fatal("nothing was promised")
			}
			err := text.Hold(int64(tt.size), tt.small)
			var refusal *answer.LimitError
			if errors.As(err, &refusal) == tt.wantOK || refusal != nil && refusal.TooLarge != tt.wantTooLarge {
				t.Errorf("Hold: %v", err)
			}
			text.Drop()
			if taken := m.Stats().Taken; taken != tt.others {
				t.Errorf("%d bytes are taken, want %d", taken, tt.others)
			}
		})
	}
}

func TestTextAnnounced(t *testing.T) {
	t.Parallel()
	m := answer.NewMemory(8*mb, 4*mb)
	text := answer.Text{Memory: m}
	if err := text.Announce(3 * mb); err != nil {
		t.Fatal(err)
	}
	other := answer.Text{Memory: m}
	if err := other.Announce(4*mb - answer.PieceSize); err == nil {
		t.Error("the same memory was given twice")
	}
	text.Begin(3 * mb)
	if _, err := text.Write(make([]byte, 3*mb)); err != nil {
		t.Errorf("announced, and refused: %v", err)
	}
	if _, _, err := text.End(); err != nil {
		t.Error(err)
	}
	m.Give(text.Settle())
	if taken := m.Stats().Taken; taken != 0 {
		t.Errorf("%d bytes are still taken", taken)
	}
}

// TestNoMemoryHasNoLimits: an engine may be used without a budget.
func TestNoMemoryHasNoLimits(t *testing.T) {
	t.Parallel()
	var text answer.Text
	if err := text.Hold(1<<40, false); err != nil {
		t.Error(err)
	}
	if held := text.Settle(); held != 0 {
		t.Errorf("%d bytes of nothing are held", held)
	}
	var m *answer.Memory
	m.Give(5)
	if m.Scarce() || m.Stats() != (answer.Stats{}) {
		t.Error("no memory, and scarce")
	}
}
