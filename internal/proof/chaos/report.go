package main

import (
	"cmp"
	"fmt"
	"io"
	"maps"
	"slices"
	"strconv"
	"strings"
	"text/tabwriter"
	"time"
)

func anyFailed(verdicts []verdict) bool {
	return slices.ContainsFunc(verdicts, func(v verdict) bool { return v.failed() })
}

// columns are the heads of the table. Read only.
var columns = []string{
	"fault", "for", "answers", "slowest", "well after", "wrong",
	"goroutines", "connections", "descriptors", "memory",
}

// cells are one line of the table.
func (v *verdict) cells() []string {
	line := []string{
		v.name, round(v.lasted), answers(v.outcomes), round(v.slowest), round(v.recovered), strconv.Itoa(len(v.wrong)),
	}
	if v.growth == nil {
		return append(line, "", "", "", "")
	}
	const megabyte = 1 << 20
	return append(line, fmt.Sprintf("%+d", v.growth.goroutines), fmt.Sprintf("%+d", v.growth.connections),
		fmt.Sprintf("%+d", v.growth.descriptors), fmt.Sprintf("%+d MB", v.growth.memory/megabyte))
}

// answers lists outcomes, the most frequent first.
func answers(outcomes map[string]int) string {
	names := slices.SortedFunc(maps.Keys(outcomes), func(a, b string) int {
		return cmp.Or(cmp.Compare(outcomes[b], outcomes[a]), cmp.Compare(a, b))
	})
	var list []string
	for _, name := range names {
		list = append(list, fmt.Sprintf("%d %s", outcomes[name], name))
	}
	return strings.ReplaceAll(strings.Join(list, ", "), " ", " ")
}

func round(d time.Duration) string { return fmt.Sprintf("%.1f s", d.Seconds()) }

// report prints the table, and the broken promises.
func report(w io.Writer, verdicts []verdict, markdown bool) {
	if markdown {
		printMarkdown(w, verdicts)
	} else {
		printTable(w, verdicts)
	}
	for i := range verdicts {
		v := &verdicts[i]
		for _, failure := range v.failures {
			fmt.Fprintf(w, "%s: %s\n", v.name, failure)
		}
		const most = 10
		for _, wrong := range v.wrong[:min(most, len(v.wrong))] {
			fmt.Fprintf(w, "%s: %s\n", v.name, wrong)
		}
	}
}

func printTable(w io.Writer, verdicts []verdict) {
	const padding = 2
	t := tabwriter.NewWriter(w, 0, 0, padding, ' ', 0)
	defer t.Flush()
	fmt.Fprintln(t, strings.Join(columns, "\t"))
	for i := range verdicts {
		fmt.Fprintln(t, strings.Join(verdicts[i].cells(), "\t"))
	}
}

func printMarkdown(w io.Writer, verdicts []verdict) {
	fmt.Fprintln(w, "|", strings.Join(columns, " | "), "|")
	fmt.Fprintln(w, "|"+strings.Repeat(" --- |", len(columns)))
	for i := range verdicts {
		fmt.Fprintln(w, "|", strings.Join(verdicts[i].cells(), " | "), "|")
	}
}
