package event

import "math"

// Place is where an address is. Country is two letters; the position is known
// only if Positioned.
type Place struct {
	Country             string
	Latitude, Longitude float64
	Positioned          bool
}

// Known reports whether anything is known of the place.
func (p Place) Known() bool { return p.Positioned || p.Country != "" }

// earthRadius is the mean one, in km.
const earthRadius = 6371

// Distance is the length of the great circle from p to q in km; ok reports
// whether both positions are known.
func (p Place) Distance(q Place) (km float64, ok bool) {
	if !p.Positioned || !q.Positioned {
		return 0, false
	}
	const degree = math.Pi / 180
	dLat, dLon := (q.Latitude-p.Latitude)*degree, (q.Longitude-p.Longitude)*degree
	h := math.Pow(math.Sin(dLat/2), 2) + math.Cos(p.Latitude*degree)*math.Cos(q.Latitude*degree)*math.Pow(math.Sin(dLon/2), 2)
	return 2 * earthRadius * math.Asin(math.Min(1, math.Sqrt(h))), true
}
