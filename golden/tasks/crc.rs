//! CRC-16 of a frame, as Modbus computes it.
//!
//! Translated by migrate 0.1.0 from `crc.py`: 9 of 9 statements.
//! migrate: module = "crc.py", source = "dda0138450b9f73f", seal = "4eccd317412cd066"

pub fn crc16(frame: &[i64]) -> i64 {
    let mut crc: u16 = 0xFFFF;
    for &byte in frame {
        crc ^= (byte & 0xFF) as u16;
        for _ in 0..8 {
            if crc & 1 != 0 {
                crc = (crc >> 1) ^ 0xA001;
            } else {
                crc >>= 1;
            }
        }
    }
    i64::from(crc)
}

pub fn run(frame: &[i64]) -> i64 {
    crc16(frame)
}
