package chart_test

import (
	"encoding/xml"
	"fmt"
	"io"
	"math"
	"strconv"
	"strings"
	"testing"

	"github.com/romashka/sidecar/internal/dashboard/chart"
)

// text is one of a picture, with where it begins and ends if a letter has 7 pixels.
type text struct {
	class, words string
	from, to, y  float64
}

// texts reads a picture, which has to be XML, and gives what is written in it.
func texts(t *testing.T, svg string) (list []text) {
	t.Helper()
	d := xml.NewDecoder(strings.NewReader(svg))
	for {
		token, err := d.Token()
		if err == io.EOF {
			return list
		}
		if err != nil {
			t.Fatalf("%v in %s", err, svg)
		}
		start, ok := token.(xml.StartElement)
		if !ok {
			continue
		}
		for _, a := range start.Attr {
			if strings.Contains(a.Value, "NaN") || strings.Contains(a.Value, "Inf") || a.Name.Local == "height" && strings.HasPrefix(a.Value, "-") {
				t.Errorf("<%s %s=%q>", start.Name.Local, a.Name.Local, a.Value)
			}
		}
		if start.Name.Local == "text" {
			list = append(list, read(t, d, start))
		}
	}
}

func read(t *testing.T, d *xml.Decoder, start xml.StartElement) text {
	t.Helper()
	one, anchor := text{}, "start"
	for _, a := range start.Attr {
		switch a.Name.Local {
		case "x":
			one.from, _ = strconv.ParseFloat(a.Value, 64)
		case "y":
			one.y, _ = strconv.ParseFloat(a.Value, 64)
		case "text-anchor":
			anchor = a.Value
		case "class":
			one.class = a.Value
		}
	}
	token, err := d.Token()
	if words, ok := token.(xml.CharData); ok && err == nil {
		one.words = string(words)
	}
	long := float64(len([]rune(one.words))) * 7
	one.from -= map[string]float64{"start": 0, "middle": long / 2, "end": long}[anchor]
	one.to = one.from + long
	return one
}

// Nothing that is written stands outside of the picture or on another word,
// whatever the values and however many they are.
func TestNothingOverlaps(t *testing.T) {
	t.Parallel()
	nan := math.NaN()
	for name, values := range map[string][]float64{
		"none": {}, "one": {3}, "unknown": {nan, nan}, "infinite": {math.Inf(1), 1}, "ties": {5, 5, 5, 5}, "zero": {0, 0}, "negative": {-3, -70000, nan, -1},
		"both signs": {-12, 40, -3}, "large": {1e9, 2e9, 1.5e9}, "tiny": {1e-7, 2e-7}, "gaps": {1, nan, 2, nan, 3}, "many": make([]float64, 400),
	} {
		for _, width := range []int{340, 580, 1140} {
			for _, label := range []string{"7", "29 Nov", "2026-11-29 10:00"} {
				c := chart.Chart{Title: `<&">`, Unit: "requests an hour", Width: width, Height: 210, Partial: true, Series: []chart.Series{{Values: values}, {Values: values}}}
				c.Bars = name == "both signs" || name == "negative"
				for range values {
					c.Labels = append(c.Labels, label)
				}
				all := texts(t, c.SVG())
				for i, one := range all {
					if one.from < -1 || one.to > float64(width)+1 {
						t.Errorf("%s, %d wide: %q stands at %.0f to %.0f", name, width, one.words, one.from, one.to)
					}
					for _, other := range all[:i] {
						if one.y == other.y && one.from < other.to && other.from < one.to {
							t.Errorf("%s, %d wide: %q is written on %q", name, width, one.words, other.words)
						}
					}
				}
			}
		}
	}
}

// Names of any script have their room beside the bars, whole where they fit.
func TestNames(t *testing.T) {
	t.Parallel()
	names := []string{"website", strings.Repeat("w", 40), "متجر الرياض الإلكتروني للهواتف", strings.Repeat("北京旗舰店", 8), strings.Repeat("👩‍👩‍👧", 20), `<script>alert("x")</script>`, ""}
	r := chart.Rank{Title: "Channels", Names: names, Values: []float64{5, 5, -3, math.NaN(), 0, 1, 2}, Width: 580}
	svg := r.SVG()
	if strings.Contains(svg, "<script>") {
		t.Error("a name is markup")
	}
	var written []string
	for _, one := range texts(t, svg) {
		if one.class == "name" {
			written = append(written, one.words)
		}
	}
	if fmt.Sprint(written[0], " ", len([]rune(written[3]))) != "website 14" {
		t.Errorf("%q", written)
	}
	if n := len([]rune(written[1])); n > 16 { // broad letters take more room than others
		t.Errorf("%d letters of %q", n, names[1])
	}
	if !strings.HasSuffix(written[2], "…\u200f") {
		t.Errorf("%q does not end at its left", written[2])
	}
	for i, one := range written {
		if !strings.HasPrefix(names[i], strings.TrimSuffix(strings.TrimSuffix(one, "\u200f"), "…")) {
			t.Errorf("%q of %q", one, names[i])
		}
	}
}
