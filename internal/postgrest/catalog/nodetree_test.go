package catalog

import (
	"strings"
	"testing"

	"github.com/google/go-cmp/cmp"
)

// tree is the shape of a view's query with one column of table 16385; its
// alias is escaped as PostgreSQL does it.
func tree(alias string) string {
	return `({QUERY :commandType 1 :rtable ({RTE :eref {ALIAS :aliasname x :colnames ("a")} :subquery
		{QUERY :targetList ({TARGETENTRY :expr <> :resno 7 :resorigtbl 7 :resorigcol 7})}})
		:targetList ({TARGETENTRY :expr {VAR :varno 1 :resno 9} :resno 1 :resname ` + escape(alias) + `
		:ressortgroupref 0 :resorigtbl 16385 :resorigcol 2 :resjunk false}
		{TARGETENTRY :expr {CONST :constvalue 4 [ 1 0 0 0 ]} :resno 2 :resname n :resorigtbl 0 :resorigcol 0 :resjunk false})
		:returningList <> :sortClause ({TARGETENTRY :resno 8 :resorigtbl 8 :resorigcol 8})})`
}

func escape(text string) string {
	if text == "" {
		return `""`
	}
	var b strings.Builder
	for _, r := range text {
		if strings.ContainsRune(" \n\t(){}\\", r) {
			b.WriteByte('\\')
		}
		b.WriteRune(r)
	}
	return b.String()
}

func TestTargets(t *testing.T) {
	t.Parallel()
	for _, tt := range []struct {
		name, tree string
		want       []target
	}{
		{name: "columns", tree: tree("name"), want: []target{{column: 1, relation: 16385, source: 2}}},
		{name: "nothing", tree: ""},
		{name: "null", tree: "<>"},
		{name: "no list", tree: "({QUERY :targetList <> :x ({TARGETENTRY :resno 1 :resorigtbl 5 :resorigcol 1})})"},
		{name: "numbers too large", tree: "({QUERY :targetList ({TARGETENTRY :resno 99999 :resorigtbl -1 :resorigcol x})})"},
	} {
		if diff := cmp.Diff(tt.want, targets([]byte(tt.tree)), cmp.AllowUnexported(target{})); diff != "" {
			t.Errorf("%s: %s", tt.name, diff)
		}
	}
}

// No alias changes the columns that are read, and no tree is too broken to be
// read.
func FuzzTargets(f *testing.F) {
	for _, seed := range []string{"a", `x}{)( \`, "'", `"`, "<>", "é", "a b\nc"} {
		f.Add(seed, tree(seed))
	}
	f.Fuzz(func(t *testing.T, alias, broken string) {
		targets([]byte(broken))
		if strings.HasPrefix(alias, ":") { // could be taken for a field; reads as a name of that field at worst
			return
		}
		want := []target{{column: 1, relation: 16385, source: 2}}
		if diff := cmp.Diff(want, targets([]byte(tree(alias))), cmp.AllowUnexported(target{})); diff != "" {
			t.Errorf("alias %q: %s", alias, diff)
		}
	})
}
