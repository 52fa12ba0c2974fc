package lookups

import (
	"context"
	"errors"
	"testing"
	"time"

	"counterfoil/api"
	"counterfoil/offline/catalog"
)

func TestAnAnswerThatCannotBeStoredCostsTheOthersOfItsGroupNothing(t *testing.T) {
	t.Parallel()
	ctx := context.Background()
	c, err := catalog.Open(ctx, catalog.Options{Dir: t.TempDir()})
	if err != nil {
		t.Fatal(err)
	}
	defer c.Close()
	var warned []error
	changed := 0
	w := newCatalogWriter(func() *catalog.Catalog { return c }, func(err error) { warned = append(warned, err) }, func() { changed++ })
	answer := func(nodes []api.Node) catalog.News {
		last := nodes[len(nodes)-1]
		return catalog.News{Confirmed: catalog.Confirmed{ID: api.ID(last.ID), Seen: time.Now()}, Nodes: nodes}
	}
	good := benchPath(1, "03")
	w.add(answer(good))
	w.add(answer(benchPath(1001, "03")[3:])) // its parent has not come
	w.confirm(catalog.Confirmed{ID: api.ID(good[3].ID), Status: "00", Seen: time.Now()})
	w.close()
	if n, ok, err := c.Get(ctx, api.ID(good[3].ID)); !ok || err != nil || n.Status != "00" {
		t.Errorf("the catalog holds %+v (%v)", n, err)
	}
	if len(warned) != 1 || !errors.Is(warned[0], catalog.ErrOrder) || changed != 1 {
		t.Errorf("warned %v, changed %d times", warned, changed)
	}
}
