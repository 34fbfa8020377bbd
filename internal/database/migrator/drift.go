package migrator

import (
	"context"
	"strings"
)

// Difference is something that stands otherwise than the applied migrations
// have made it.
type Difference struct {
	Object string `json:"object"` // "column public.profiles.id", "policy see on public.t"
	Fault  string `json:"fault"`  // "missing", "differs", "foreign"
	Want   string `json:"want,omitempty"`
	Got    string `json:"got,omitempty"`
}

// drift compares the objects in the database with the reference at version.
func (s *session) drift(ctx context.Context, version uint) ([]Difference, error) {
	reference, err := readReference(referenceText)
	if err != nil {
		return nil, err
	}
	live, err := s.objects(ctx)
	if err != nil {
		return nil, err
	}
	list := compare(reference, live, version, s.functionKeys())
	edited, err := s.editedFunctions(ctx)
	return append(list, edited...), err
}

// compare lists objects that are missing or differ, in the order of the reference, and
// then foreign ones, in the order of live. Only tables of ours are looked
// at, and our own objects on others; repeatable are the functions that no
// migration makes.
func compare(reference []era, live []object, version uint, repeatable map[string]bool) []Difference {
	list := []Difference{}
	standing := map[objectKey]object{}
	for _, o := range live {
		standing[o.key()] = o
	}
	known := map[objectKey][]era{}
	for _, e := range reference {
		known[e.key()] = append(known[e.key()], e)
		if !e.at(version) || e.Definition == byDefault {
			continue
		}
		got, ok := standing[e.key()]
		switch {
		case !ok:
			list = append(list, Difference{Object: e.String(), Fault: "missing", Want: e.Definition})
		case got.Definition != e.Definition:
			list = append(list, Difference{Object: e.String(), Fault: "differs", Want: e.Definition, Got: got.Definition})
		}
	}
	for _, o := range live {
		if d, found := unexpected(o, known, version); found && !repeatable[o.Name] && !repeatable[o.Relation] {
			list = append(list, d)
		}
	}
	return list
}

// unexpected judges an object that the reference does not have at version.
func unexpected(o object, known map[objectKey][]era, version uint) (Difference, bool) {
	eras := known[o.key()]
	_, ourTable := known[objectKey{kind: "table", relation: o.Relation}]
	ourSchema := strings.HasPrefix(o.Name, "romashka.") || strings.HasPrefix(o.Relation, "romashka.")
	if repaired := "romashka.repair_"; strings.HasPrefix(o.Name, repaired) || strings.HasPrefix(o.Relation, repaired) {
		return Difference{}, false // made by RepairBase, on demand
	}
	if len(eras) == 0 {
		return Difference{Object: o.String(), Fault: "foreign", Got: o.Definition}, ourTable || ourSchema
	}
	first := eras[0]
	for _, e := range eras {
		if e.at(version) {
			return Difference{}, false // compared already
		}
		if e.since < first.since {
			first = e
		}
	}
	if version >= first.since { // it was taken away by a later one
		return Difference{Object: o.String(), Fault: "foreign", Got: o.Definition}, true
	}
	// It was there before its migration, which converges all but types.
	want, got := typeOf(first.Definition), typeOf(o.Definition)
	return Difference{Object: o.String(), Fault: "differs", Want: want, Got: got}, o.Kind == "column" && want != got
}

// typeOf is the type at the start of a column's definition.
func typeOf(definition string) string {
	for _, sep := range []string{" not null", " default ", " generated "} {
		definition, _, _ = strings.Cut(definition, sep)
	}
	return definition
}

// functionKeys are the signatures of the files in functions/.
func (s *session) functionKeys() map[string]bool {
	keys := map[string]bool{}
	for _, f := range s.fns {
		keys[f.Key()] = true
	}
	return keys
}

// editedFunctions are those of functions/ that somebody has changed by hand.
func (s *session) editedFunctions(ctx context.Context) (list []Difference, err error) {
	states, err := s.functionStates(ctx)
	if err != nil {
		return nil, err
	}
	for _, f := range states {
		if f.edited() {
			list = append(list, Difference{Object: "function " + f.Signature, Fault: "differs", Want: f.definition, Got: f.standing})
		}
	}
	return list, nil
}
