package predict

import (
	"cmp"
	"context"
	"fmt"
	"maps"
	"math"
	"slices"
	"time"

	"github.com/jackc/pgx/v5"
	"gonum.org/v1/gonum/mat"
	"gonum.org/v1/gonum/stat/distuv"
)

// The needs of a regression of ratings: half a year of at most so many ratings;
// of each thing that is there or not, enough with and without it.
const (
	driverDays   = 182
	mostRatings  = 20_000
	leastRatings = 200
	leastOfEach  = 30
	chance       = 0.01 // that one of a run's columns is told where none differs
)

// rated is a row of drivers.sql.
type rated struct {
	Rating, FirstResponse float64
	HandedOver            bool
	Hour                  int
	Channel               string
}

// Driver is a thing that goes together with ratings, other things in the regression
// being equal: by how much a rating differs, with its 95 % interval. It says
// nothing about the causes of a rating.
type Driver struct {
	Name       string  `json:"name"`
	Difference float64 `json:"difference"`
	Lo95       float64 `json:"lo95"`
	Hi95       float64 `json:"hi95"`
	Text       string  `json:"text"`
	clear      bool    // that any column of the run is told by chance has a probability below 1 %
}

func readRated(ctx context.Context, tx pgx.Tx, zone *time.Location, now time.Time) ([]rated, error) {
	until := startOfDay(now, zone)
	rows, err := query(ctx, tx, "drivers.sql", zone.String(), until.AddDate(0, 0, -driverDays), until, mostRatings)
	if err != nil {
		return nil, fmt.Errorf("read rated conversations: %w", err)
	}
	list, err := pgx.CollectRows(rows, pgx.RowToStructByPos[rated])
	if err != nil {
		return nil, fmt.Errorf("read rated conversations: %w", err)
	}
	return list, nil
}

// column is one thing of the regression.
type column struct {
	name, text string // text with a verb for the difference: "... %s"
	of         func(rated) float64
}

// columnsOf are those that vary enough in list to be told apart.
func columnsOf(list []rated) []column {
	flag := func(is func(rated) bool) func(rated) float64 {
		return func(r rated) float64 {
			if is(r) {
				return 1
			}
			return 0
		}
	}
	columns := []column{
		{"handoff", "conversations that an agent took over are rated", flag(func(r rated) bool { return r.HandedOver })},
		{"hour", "conversations that begin before 9 or after 17 o'clock are rated", flag(func(r rated) bool { return r.Hour < 9 || r.Hour >= 17 })},
	}
	sizes := map[string]int{}
	for _, r := range list {
		sizes[r.Channel]++
	}
	channels := slices.SortedFunc(maps.Keys(sizes), func(a, b string) int { return cmp.Or(sizes[b]-sizes[a], cmp.Compare(a, b)) })
	for _, channel := range channels[min(1, len(channels)):] {
		columns = append(columns, column{
			"channel " + channel, fmt.Sprintf("conversations over %s, beside those over %s, are rated", channel, channels[0]),
			flag(func(r rated) bool { return r.Channel == channel }),
		})
	}
	columns = slices.DeleteFunc(columns, func(c column) bool {
		n := 0
		for _, r := range list {
			n += int(c.of(r))
		}
		return n < leastOfEach || len(list)-n < leastOfEach
	})
	doubled := func(r rated) float64 { return math.Log2(1 + r.FirstResponse) }
	if slices.ContainsFunc(list, func(r rated) bool { return math.Abs(doubled(r)-doubled(list[0])) > 0.1 }) {
		columns = append(columns, column{"first_response", "conversations with twice the time to the first answer are rated", doubled})
	}
	return columns
}

// drivers is the least-squares regression of ratings, with errors that hold
// whatever the spread of ratings is (White); nil where there are too few
// ratings, or columns that cannot be told apart.
func drivers(list []rated) []Driver {
	if len(list) < leastRatings {
		return nil
	}
	columns := columnsOf(list)
	if len(columns) == 0 {
		return nil
	}
	n, k := len(list), len(columns)+1
	x, y := mat.NewDense(n, k, nil), mat.NewVecDense(n, nil)
	for i, r := range list {
		x.Set(i, 0, 1)
		for j, c := range columns {
			x.Set(i, j+1, c.of(r))
		}
		y.SetVec(i, r.Rating)
	}
	var square, inverse mat.Dense
	square.Mul(x.T(), x)
	if inverse.Inverse(&square) != nil { // singular, or nearly so
		return nil
	}
	var moment, beta, fitted mat.VecDense
	moment.MulVec(x.T(), y)
	beta.MulVec(&inverse, &moment)
	fitted.MulVec(x, &beta)
	for i := range n { // rows times their residual, for the errors
		row := x.RawRowView(i)
		residual := y.AtVec(i) - fitted.AtVec(i)
		for j := range row {
			row[j] *= residual
		}
	}
	var middle, half, covariance mat.Dense
	middle.Mul(x.T(), x)
	half.Mul(&inverse, &middle)
	covariance.Mul(&half, &inverse)
	found := make([]Driver, 0, k-1)
	for j, c := range columns {
		found = append(found, c.driver(beta.AtVec(j+1), math.Sqrt(max(0, covariance.At(j+1, j+1))), len(columns)))
	}
	return found
}

// driver is told where it holds among so many columns (Bonferroni).
func (c column) driver(difference, deviation float64, columns int) Driver {
	certainly := distuv.UnitNormal.Quantile(1 - chance/(2*float64(columns)))
	word := "higher"
	if difference < 0 {
		word = "lower"
	}
	d := Driver{
		Name: c.name, Difference: round(difference), Lo95: round(difference - quantile95*deviation), Hi95: round(difference + quantile95*deviation),
		clear: math.Abs(difference) > certainly*deviation && deviation > 0,
	}
	d.Text = fmt.Sprintf("%s %.2f %s (95 %%: %+.2f to %+.2f), other things in the regression being equal", c.text, math.Abs(difference), word, d.Lo95, d.Hi95)
	return d
}
