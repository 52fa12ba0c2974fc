package ui_test

import (
	"fmt"

	"counterfoil/ui"
)

// A wide character takes two columns, so length and width differ.
func ExampleFit() {
	for _, name := range []string{"Latte, tall", "中杯饮品券", "大杯冷萃咖啡饮品券"} {
		fmt.Printf("|%s| %d\n", ui.Fit(name, 12), ui.Width(name))
	}
	// Output:
	// |Latte, tall | 11
	// |中杯饮品券  | 10
	// |大杯冷萃咖… | 18
}

func ExampleCutMiddle() {
	fmt.Println(ui.CutMiddle("R112102F-0000242-2585", 13))
	// Output: R112102…-2585
}
