package org.maloca.cli.bootdisk;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertTrue;

import java.util.List;
import java.util.Optional;
import org.junit.jupiter.api.Test;

final class BootLoaderConfigTest {
  @Test
  void grubStartsTheFirstEntryThatHasAnInitrd() {
    String text =
        """
        set default="0"
        # linux /boot/commented
        menuentry 'Distribution' --class gnu-linux {
          search --no-floppy --fs-uuid --set=root 1234
          if [ "${initrdfail}" = 1 ]; then
            linux /vmlinuz-6 root=PARTUUID=ab ro panic=-1
            #Dont use initrd
          else
            linux\t/vmlinuz-6 root="PARTUUID=ab" ro  console=tty1 console=ttyS0
            initrd\t/initrd.img-6 /extra.img
          fi
        }
        menuentry 'old' {
          linux /vmlinuz-5 ro
          initrd /initrd.img-5
        }
        """;
    assertEquals(
        Optional.of(
            new BootEntry(
                "/vmlinuz-6",
                List.of("/initrd.img-6", "/extra.img"),
                "root=PARTUUID=ab ro console=tty1 console=ttyS0")),
        BootLoaderConfig.grub(text));
    assertEquals(
        Optional.of(new BootEntry("/k", List.of(), "ro")),
        BootLoaderConfig.grub("linux16 ($root)/k ro"));
    assertTrue(BootLoaderConfig.grub("linux\ninitrd /i\n").isEmpty());
  }

  @Test
  void entryFilesLoseWhatOnlyABootLoaderKnows() {
    String text =
        """
        title Fedora Linux
        version 6.14
        linux /vmlinuz-6.14
        initrd /initramfs-6.14.img $tuned_initrd
        options root=UUID=12 ro rootflags=subvol=root $tuned_params
        options quiet
        """;
    assertEquals(
        Optional.of(
            new BootEntry(
                "/vmlinuz-6.14",
                List.of("/initramfs-6.14.img"),
                "root=UUID=12 ro rootflags=subvol=root quiet")),
        BootLoaderConfig.entryFile(text));
    assertTrue(BootLoaderConfig.entryFile("title only\nlinux\n").isEmpty());
  }

  @Test
  void syslinuxStartsItsDefaultLabel() {
    String text =
        """
        DEFAULT virt
        TIMEOUT 1
        LABEL other
          LINUX vmlinuz-lts
          APPEND quiet
        LABEL virt
          MENU LABEL Linux virt
          LINUX vmlinuz-virt
          INITRD initramfs-virt,second
          APPEND root=LABEL=/ modules=ext4 quiet
        """;
    assertEquals(
        Optional.of(
            new BootEntry(
                "vmlinuz-virt",
                List.of("initramfs-virt", "second"),
                "root=LABEL=/ modules=ext4 quiet")),
        BootLoaderConfig.syslinux(text));
    assertTrue(BootLoaderConfig.syslinux("default x\nlabel x\n").isEmpty());
  }

  @Test
  void numbersInVersionsCountAsNumbers() {
    assertEquals(
        List.of("vmlinuz-5.15.0-9", "vmlinuz-6.1.0-9", "vmlinuz-6.1.0-10", "vmlinuz-6.10.0-1"),
        List.of("vmlinuz-6.10.0-1", "vmlinuz-6.1.0-10", "vmlinuz-5.15.0-9", "vmlinuz-6.1.0-9")
            .stream()
            .sorted(BootFiles.BY_VERSION)
            .toList());
  }
}
