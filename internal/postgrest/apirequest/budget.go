package apirequest

// Budget bounds the memory that a body may take once it is read. The zero value bounds nothing.
type Budget struct {
	// Take reserves bytes, until the request is answered, before they are
	// allocated; its error refuses the request. nil takes nothing.
	Take func(bytes int) error
	// Stopped returns why nobody waits for the request any more, nil while
	// somebody does. It is asked every few thousand values. nil never stops.
	Stopped func() error
}

func (b Budget) take(bytes int) error {
	if b.Take == nil {
		return nil
	}
	return b.Take(bytes)
}

func (b Budget) stopped() error {
	if b.Stopped == nil {
		return nil
	}
	return b.Stopped()
}

// pace asks a budget now and then whether to go on.
type pace struct {
	budget Budget
	steps  int
}

const stepsBetween = 4096 // values, between two questions

// step returns the reason to stop.
func (p *pace) step() error {
	p.steps++
	if p.steps%stepsBetween != 0 {
		return nil
	}
	return p.budget.stopped()
}
