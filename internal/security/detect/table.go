package detect

// state is a value of a table: a copy shares nothing that is written.
type state[V any] interface{ clone() V }

// table holds states by key, in layers: writes above the lowest can be
// taken back. A state is copied into the top layer when it is read there, so that
// a trial costs the keys that it touches, not the table.
type table[K comparable, V state[V]] struct {
	layers []map[K]V // the lowest is settled
}

func newTable[K comparable, V state[V]]() table[K, V] {
	return table[K, V]{layers: []map[K]V{{}}}
}

// get returns the state of k, to be read and written.
func (t *table[K, V]) get(k K) (V, bool) {
	top := len(t.layers) - 1
	for i := top; i >= 0; i-- {
		v, ok := t.layers[i][k]
		if ok && i < top {
			v = v.clone()
			t.layers[top][k] = v
		}
		if ok {
			return v, true
		}
	}
	var none V
	return none, false
}

// at returns the state of k, a new one if it has none.
func (t *table[K, V]) at(k K, create func() V) V {
	v, ok := t.get(k)
	if !ok {
		v = create()
		t.set(k, v)
	}
	return v
}

func (t *table[K, V]) set(k K, v V) { t.layers[len(t.layers)-1][k] = v }

// push adds a layer, cut forgets those above the first n.
func (t *table[K, V]) push()     { t.layers = append(t.layers, map[K]V{}) }
func (t *table[K, V]) cut(n int) { t.layers = t.layers[:n] }

// sweep drops the settled states that are no longer needed.
func (t *table[K, V]) sweep(idle func(V) bool) {
	for k, v := range t.layers[0] {
		if idle(v) {
			delete(t.layers[0], k)
		}
	}
}
