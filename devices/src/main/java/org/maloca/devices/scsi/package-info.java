/**
 * SCSI targets (SAM-5, SPC-4, SBC-3, MMC-6), whatever transport commands come by: buses of targets,
 * their logical units, discs and CD drives.
 */
@org.jspecify.annotations.NullMarked
package org.maloca.devices.scsi;
