package staffing

import (
	"math/big"
	"strconv"
	"time"
)

// decimal returns x as the shortest decimal number that stands for it: 0.3 is
// three tenths, not the binary fraction beside it. x must be finite.
func decimal(x float64) *big.Rat {
	r, _ := new(big.Rat).SetString(strconv.FormatFloat(x, 'e', -1, 64))
	return r
}

// load returns the offered load in Erlang without rounding.
func (w Work) load() *big.Rat {
	r := new(big.Rat).SetFrac64(int64(w.AHT), int64(w.Interval))
	r.Mul(r, decimal(w.Volume))
	return r.Quo(r, decimal(w.factor()))
}

// ceil returns the smallest whole number that is not below r.
func ceil(r *big.Rat) *big.Int {
	n, rest := new(big.Int).QuoRem(r.Num(), r.Denom(), new(big.Int))
	if rest.Sign() > 0 {
		n.Add(n, big.NewInt(1))
	}
	return n
}

// Rostered returns how many people must be on the roster so that agents of them
// are at work when the share shrinkage (0 <= shrinkage < 1) is not: breaks,
// training, illness. 21 agents at 0.3 are exactly 30.
func Rostered(agents int, shrinkage float64) int {
	present := new(big.Rat).Sub(big.NewRat(1, 1), decimal(shrinkage))
	return int(ceil(present.Quo(big.NewRat(int64(agents), 1), present)).Int64())
}

// remaining returns volume without a share of it: 100 without 0.3 are exactly 70.
func remaining(volume, share float64) float64 {
	rest := new(big.Rat).Sub(big.NewRat(1, 1), decimal(share))
	x, _ := rest.Mul(rest, decimal(volume)).Float64()
	return x
}

// seconds returns d in seconds.
func seconds(d time.Duration) float64 { return d.Seconds() }
