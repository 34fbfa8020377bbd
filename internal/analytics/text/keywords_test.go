package text_test

import (
	"testing"

	"github.com/google/go-cmp/cmp"

	"github.com/romashka/sidecar/internal/analytics/text"
)

func TestKeywords(t *testing.T) {
	t.Parallel()
	m := text.New()
	b := text.NewBackground()
	for range 30 {
		b.Add(m.Judge("Hello, please help me"), m.Judge("I have a problem"))
	}
	few := text.NewBackground()
	for range 4 {
		b.Add(m.Judge("My credit card was declined"))
		few.Add(m.Judge("My credit card was declined"))
	}
	j := m.Judge("This is Annabelle, my credit card is a problem")
	if diff := cmp.Diff([]string{"credit card", "card", "credit"}, b.Keywords(j, false)); diff != "" {
		t.Error(diff) // a name of one customer and a word of most are none
	}
	if got := few.Keywords(j, false); got != nil {
		t.Errorf("against four conversations: %v", got)
	}
	if got := b.Keywords(m.Judge("Die credit card ist nicht da"), false); got != nil {
		t.Errorf("against conversations in another language: %v", got)
	}
	want := []string{"billing question", "vip", "credit card"}
	if diff := cmp.Diff(want, text.Topics([]string{"Billing_Question"}, []string{"vip", "VIP", ""}, []string{"credit card", "card"})); diff != "" {
		t.Error(diff)
	}
}

func TestJudge(t *testing.T) {
	t.Parallel()
	m := text.New()
	for s, want := range map[string]text.Label{
		"This is great, thanks!":             text.Positive,
		"This isn’t good at all":             text.Negative, // curly
		"where is\nmy\torder":                text.Neutral,
		"☺️":                                 text.Positive,
		"👍🏽":                                 text.Unjudged, // "thumbs up" is not in the lexicon
		":(":                                 text.Negative,
		"12345":                              text.Unjudged,
		"":                                   text.Unjudged,
		"Die Lieferung war super":            text.Unjudged,
		"No funciona nada, es una vergüenza": text.Unjudged,
		"\xff\xfe":                           text.Unjudged,
	} {
		j := m.Judge(s)
		if j.Label != want || (j.Reason == "") != (want != text.Unjudged) {
			t.Errorf("%q: %+v, want %q", s, j, want)
		}
	}
}
