package watermark

import (
	"bytes"
	"encoding/binary"
)

// orientation reads from the Exif part of a JPEG file how the camera was held:
// 1 to 8, 1 when nothing is said.
func orientation(file []byte) int {
	const upright = 1
	if len(file) < 4 || file[0] != 0xFF || file[1] != 0xD8 {
		return upright
	}
	for at := 2; at+4 <= len(file) && file[at] == 0xFF; {
		kind, size := file[at+1], int(binary.BigEndian.Uint16(file[at+2:]))
		if kind == 0xDA || size < 2 || at+2+size > len(file) { // the picture begins
			return upright
		}
		if body := file[at+4 : at+2+size]; kind == 0xE1 && bytes.HasPrefix(body, []byte("Exif\x00\x00")) {
			return tagged(body[6:])
		}
		at += 2 + size
	}
	return upright
}

// tagged reads the tag from the TIFF part.
func tagged(tiff []byte) int {
	if len(tiff) < 8 {
		return 1
	}
	var order binary.ByteOrder = binary.BigEndian
	if tiff[0] == 'I' {
		order = binary.LittleEndian
	}
	at := int(order.Uint32(tiff[4:]))
	if at < 8 || at+2 > len(tiff) {
		return 1
	}
	n := int(order.Uint16(tiff[at:]))
	for i := range n {
		entry := at + 2 + 12*i
		if entry+12 > len(tiff) {
			return 1
		}
		if order.Uint16(tiff[entry:]) == 0x0112 {
			if v := int(order.Uint16(tiff[entry+8:])); v >= 1 && v <= 8 {
				return v
			}
			return 1
		}
	}
	return 1
}
