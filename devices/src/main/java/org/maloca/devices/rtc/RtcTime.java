package org.maloca.devices.rtc;

import java.time.LocalDateTime;
import java.time.YearMonth;
import java.time.ZoneOffset;

/**
 * Translates between seconds and the time registers of an MC146818 in its data modes: binary or
 * BCD, 12 or 24 hours. Registers that make no sense, which the guest can write, are brought to the
 * nearest that do.
 */
final class RtcTime {
  static final int SECONDS = 0x00;
  static final int SECONDS_ALARM = 0x01;
  static final int MINUTES = 0x02;
  static final int MINUTES_ALARM = 0x03;
  static final int HOURS = 0x04;
  static final int HOURS_ALARM = 0x05;
  static final int DAY_OF_WEEK = 0x06;
  static final int DAY_OF_MONTH = 0x07;
  static final int MONTH = 0x08;
  static final int YEAR = 0x09;
  static final int CENTURY = 0x32;

  private static final int DM_BINARY = 0x04;
  private static final int HOURS_24 = 0x02;
  private static final int PM = 0x80;

  private RtcTime() {}

  static boolean isTimeRegister(int register) {
    return switch (register) {
      case SECONDS, MINUTES, HOURS, DAY_OF_WEEK, DAY_OF_MONTH, MONTH, YEAR, CENTURY -> true;
      default -> false;
    };
  }

  /** Fills the time registers; {@code registerB} says how. */
  static void encode(long epochSeconds, byte[] cmos, int registerB) {
    LocalDateTime time = LocalDateTime.ofEpochSecond(epochSeconds, 0, ZoneOffset.UTC);
    boolean isBinary = (registerB & DM_BINARY) != 0;
    cmos[SECONDS] = digits(time.getSecond(), isBinary);
    cmos[MINUTES] = digits(time.getMinute(), isBinary);
    cmos[HOURS] = hours(time.getHour(), registerB);
    cmos[DAY_OF_WEEK] = digits(time.getDayOfWeek().getValue() % 7 + 1, isBinary);
    cmos[DAY_OF_MONTH] = digits(time.getDayOfMonth(), isBinary);
    cmos[MONTH] = digits(time.getMonthValue(), isBinary);
    cmos[YEAR] = digits(Math.floorMod(time.getYear(), 100), isBinary);
    cmos[CENTURY] = digits(Math.floorMod(time.getYear() / 100, 100), isBinary);
  }

  private static byte digits(int value, boolean isBinary) {
    return (byte) (isBinary ? value : value / 10 << 4 | value % 10);
  }

  private static byte hours(int hour, int registerB) {
    boolean isBinary = (registerB & DM_BINARY) != 0;
    if ((registerB & HOURS_24) != 0) {
      return digits(hour, isBinary);
    }
    int of12 = hour % 12 == 0 ? 12 : hour % 12;
    return (byte) (digits(of12, isBinary) | (hour >= 12 ? PM : 0));
  }

  /** The seconds that the time registers say. */
  static long decode(byte[] cmos, int registerB) {
    int century = value(cmos[CENTURY], registerB) % 100;
    int year = century * 100 + value(cmos[YEAR], registerB) % 100;
    int month = Math.clamp(value(cmos[MONTH], registerB), 1, 12);
    int lastDay = YearMonth.of(year, month).lengthOfMonth();
    int day = Math.clamp(value(cmos[DAY_OF_MONTH], registerB), 1, lastDay);
    int hour = hour(cmos[HOURS], registerB);
    int minute = Math.min(value(cmos[MINUTES], registerB), 59);
    int second = Math.min(value(cmos[SECONDS], registerB), 59);
    return LocalDateTime.of(year, month, day, hour, minute, second).toEpochSecond(ZoneOffset.UTC);
  }

  /** The number in a register. */
  static int value(byte register, int registerB) {
    int raw = register & 0xff;
    return (registerB & DM_BINARY) != 0 ? raw : (raw >> 4) * 10 + (raw & 15);
  }

  /** The hour, 0..23, in a register. */
  static int hour(byte register, int registerB) {
    if ((registerB & HOURS_24) != 0) {
      return Math.min(value(register, registerB), 23);
    }
    int of12 = value((byte) (register & ~PM), registerB) % 12;
    return (register & PM) != 0 ? of12 + 12 : of12;
  }
}
