//! CRC-16 of a frame, as Modbus computes it.
//!
//! Translated by migrate 0.1.0 from `crc.py`: 9 of 9 statements.
//! migrate: module = "crc.py", source = "dda0138450b9f73f", seal = "76e73383ddb6c05d"

pub fn crc16(frame: &[i64]) -> i64 {
    let mut crc: i64 = 0xFFFF;
    for &byte in frame {
        crc ^= byte & 0xFF;
        for _ in 0..8 {
            if crc & 1 != 0 {
                crc = (crc >> 1) ^ 0xA001;
            } else {
                crc >>= 1;
            }
        }
    }
    crc
}

pub fn run(frame: &[i64]) -> i64 {
    crc16(frame)
}
