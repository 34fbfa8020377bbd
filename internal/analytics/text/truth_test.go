package text_test

import (
	"bufio"
	"compress/gzip"
	"math"
	"os"
	"path/filepath"
	"strconv"
	"strings"
	"testing"

	"gonum.org/v1/gonum/stat"

	"github.com/romashka/sidecar/internal/analytics/text"
)

// rated is a text with the mean rating of twenty people, -4 to 4.
type rated struct {
	mean float64
	text string
}

// truths reads a ground truth of cjhutto/vaderSentiment (MIT, see testdata).
func truths(t testing.TB, name string) (list []rated) {
	t.Helper()
	f, err := os.Open(filepath.Join("testdata", name+".txt.gz"))
	if err != nil {
		t.Fatal(err)
	}
	defer f.Close()
	z, err := gzip.NewReader(f)
	if err != nil {
		t.Fatal(err)
	}
	for lines := bufio.NewScanner(z); lines.Scan(); {
		parts := strings.SplitN(strings.ToValidUTF8(lines.Text(), "'"), "\t", 3)
		if len(parts) != 3 {
			continue
		}
		mean, err := strconv.ParseFloat(parts[1], 64)
		if err != nil {
			t.Fatal(err)
		}
		list = append(list, rated{mean, parts[2]})
	}
	return list
}

// TestTruths prints the figures of results.md and holds that of tweets.
func TestTruths(t *testing.T) {
	t.Parallel()
	m := text.New()
	for _, c := range []struct {
		name        string
		least       float64 // correlation over the texts that are judged
		leastJudged float64 // share that is taken for English
	}{
		{"tweets", 0.85, 0.9}, {"amazonReviewSnippets", 0.5, 0.9}, {"movieReviewSnippets", 0.4, 0.95}, {"nytEditorialSnippets", 0.4, 0.95},
	} {
		list := truths(t, c.name)
		var model, people []float64
		var right [6]float64
		var of [6]float64
		for _, r := range list {
			j := m.Judge(r.text)
			if j.Label == text.Unjudged {
				continue
			}
			model, people = append(model, j.Score), append(people, r.mean)
			bin := 0
			for bin < 4 && math.Abs(j.Score) >= []float64{0.05, 0.25, 0.5, 0.75}[bin] {
				bin++
			}
			of[bin]++
			of[5]++
			if label(r.mean) == j.Label {
				right[bin]++
				right[5]++
			}
		}
		corr, judged := stat.Correlation(model, people, nil), float64(len(model))/float64(len(list))
		t.Logf("%s: %d texts, %.4f judged, correlation %.4f, right labels %.3f, by strength %.2f %.2f %.2f %.2f %.2f of %v", c.name, len(list), judged, corr,
			right[5]/of[5], right[0]/of[0], right[1]/of[1], right[2]/of[2], right[3]/of[3], right[4]/of[4], of)
		if corr < c.least || judged < c.leastJudged {
			t.Errorf("%s: correlation %.4f, want %.2f; judged %.3f, want %.2f", c.name, corr, c.least, judged, c.leastJudged)
		}
	}
}

// label is people's judgement, with a line as far from 0 as half a step of their
// scale.
func label(mean float64) text.Label {
	switch {
	case mean >= 0.5:
		return text.Positive
	case mean <= -0.5:
		return text.Negative
	}
	return text.Neutral
}

func BenchmarkJudge(b *testing.B) {
	m := text.New()
	list := truths(b, "tweets")
	for i := 0; b.Loop(); i++ {
		m.Judge(list[i%len(list)].text)
	}
}
