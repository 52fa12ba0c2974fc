package api_test

import (
	"fmt"

	"counterfoil/api"
)

func ExampleParseID() {
	for _, text := range []string{" R112102F-0000242-2585 ", "1001901070000000258-M4DEDSfV", "hello"} {
		id, err := api.ParseID(text)
		fmt.Println(id.Level(), id.Masked(), err)
	}
	// Output:
	// reel R112102F-0000242-2585 <nil>
	// code 1001901070000000258-M… <nil>
	//   not a voucher id
}

// What is signed here: deviceNo=POS01&transId=20261122000001036903120&KEY=secret.
func ExampleSignPOSP() {
	fields := map[string]string{"transId": "20261122000001036903120", "deviceNo": "POS01"}
	fmt.Println(api.SignPOSP(fields, "secret"))
	// Output:
	// 777B545298F550639D58475E358E8879
}
