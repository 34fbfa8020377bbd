package schemacache

import (
	"cmp"
	"slices"

	"github.com/romashka/sidecar/internal/postgrest/ident"
)

// The orders below are visible to clients: in PGRST201 and PGRST203, in which
// overload is tried first, in which hint wins. They follow the field order of
// PostgREST's types, false before true.

func compareNames(a, b ident.Qualified) int {
	return cmp.Or(cmp.Compare(a.Schema, b.Schema), cmp.Compare(a.Name, b.Name))
}

func compareBools(a, b bool) int {
	switch {
	case a == b:
		return 0
	case b:
		return -1
	default:
		return 1
	}
}

func comparePairs(a, b ColumnPair) int {
	return cmp.Or(cmp.Compare(a.Column, b.Column), cmp.Compare(a.Foreign, b.Foreign))
}

// compareRelationships orders relationships of one table.
func compareRelationships(a, b *Relationship) int {
	if a.Cardinality == Computed || b.Cardinality == Computed {
		return cmp.Or(cmp.Compare(a.Cardinality, b.Cardinality), compareNames(a.Function, b.Function))
	}
	return cmp.Or(
		compareNames(a.Foreign, b.Foreign),
		compareBools(a.IsSelf, b.IsSelf),
		cmp.Compare(a.Cardinality, b.Cardinality),
		cmp.Compare(a.Constraint, b.Constraint),
		slices.CompareFunc(a.Columns, b.Columns, comparePairs),
		compareBools(a.IsParent, b.IsParent),
		compareJunctions(a.Junction, b.Junction),
		compareBools(a.TableIsView, b.TableIsView),
		compareBools(a.ForeignIsView, b.ForeignIsView),
	)
}

func compareJunctions(a, b *Junction) int {
	if a == nil || b == nil { // both, as the cardinalities are equal
		return 0
	}
	return cmp.Or(
		compareNames(a.Table, b.Table),
		cmp.Compare(a.SourceConstraint, b.SourceConstraint),
		cmp.Compare(a.TargetConstraint, b.TargetConstraint),
		slices.CompareFunc(a.Source, b.Source, comparePairs),
		slices.CompareFunc(a.Target, b.Target, comparePairs),
	)
}

func compareRoutines(a, b Routine) int {
	return cmp.Or(
		compareNames(a.Name, b.Name),
		cmp.Compare(len(a.Params), len(b.Params)),
		cmp.Compare(a.Description, b.Description),
		slices.CompareFunc(a.Params, b.Params, compareParams),
		compareReturns(a.Returns, b.Returns),
		cmp.Compare(a.Volatility, b.Volatility),
		compareBools(a.Variadic, b.Variadic),
		cmp.Compare(a.Isolation, b.Isolation),
		slices.CompareFunc(a.Settings, b.Settings, compareSettings),
	)
}

func compareParams(a, b Param) int {
	return cmp.Or(
		cmp.Compare(a.Name, b.Name),
		cmp.Compare(a.Type, b.Type),
		cmp.Compare(a.CastType, b.CastType),
		compareBools(a.Required, b.Required),
		compareBools(a.Variadic, b.Variadic),
	)
}

func compareReturns(a, b ReturnType) int {
	return cmp.Or(
		compareBools(a.SetOf, b.SetOf),
		compareBools(a.Composite, b.Composite),
		compareNames(a.Type, b.Type),
		compareBools(a.Alias, b.Alias),
	)
}

func compareSettings(a, b Setting) int {
	return cmp.Or(cmp.Compare(a.Name, b.Name), cmp.Compare(a.Value, b.Value))
}
