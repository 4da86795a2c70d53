package org.maloca.cli.cloud;

import java.nio.charset.StandardCharsets;
import java.security.MessageDigest;
import java.security.NoSuchAlgorithmException;
import java.util.HexFormat;
import java.util.List;
import org.jspecify.annotations.Nullable;

/**
 * What cloud-init reads on a machine's first start (its NoCloud datasource): a CD named {@code
 * cidata} with {@code meta-data}, {@code user-data} and, if it is given, {@code network-config}.
 *
 * <p>The host name and the keys go into the metadata, so that a user's own user-data stays as it
 * is. Without user-data there is a user {@link #USER} beside the image's own, who may become root
 * and is logged in on the serial console; over the network only keys are taken.
 *
 * @param hostName one label, lower case
 * @param sshKeys lines as in {@code authorized_keys}
 * @param userData the user's own; null for a default
 * @param networkConfig in cloud-init's format; null to have it ask by DHCP
 */
public record CloudSeed(
    String hostName,
    List<String> sshKeys,
    byte @Nullable [] userData,
    byte @Nullable [] networkConfig) {
  /** The user that is made where no user-data says otherwise. */
  public static final String USER = "maloca";

  /** The name by which cloud-init finds the CD. */
  public static final String VOLUME_ID = "cidata";

  private static final int MAX_USER_DATA = 4 << 20;
  private static final int MAX_KEY = 16384;
  private static final int MAX_KEYS = 100;

  /** The keys follow. Images are smaller than the disks that they are put on. */
  private static final String DEFAULT_USER_DATA =
      """
      #cloud-config
      ssh_pwauth: false
      growpart:
        mode: auto
        devices: ["/"]
      resize_rootfs: true
      write_files:
        - path: /etc/systemd/system/serial-getty@ttyS0.service.d/maloca.conf
          content: |
            [Service]
            ExecStart=
            ExecStart=-/sbin/agetty --autologin %1$s --noclear --keep-baud 115200,9600 %%I $TERM
      runcmd:
        - "systemctl daemon-reload && systemctl --no-block restart serial-getty@ttyS0 || true"
      users:
        - default
        - name: %1$s
          gecos: Maloca
          sudo: "ALL=(ALL) NOPASSWD:ALL"
          shell: /bin/bash
          lock_passwd: true
          ssh_authorized_keys:
      """;

  /**
   * Checks the values.
   *
   * @throws IllegalArgumentException with a message for people
   */
  public CloudSeed {
    sshKeys = sshKeys.stream().map(String::strip).toList();
    if (!hostName.matches("[a-z0-9]([a-z0-9-]{0,61}[a-z0-9])?")) {
      throw new IllegalArgumentException("'" + hostName + "' is not a host name");
    }
    for (String key : sshKeys) {
      if (key.length() > MAX_KEY
          || !key.matches("[a-z0-9@.-]+ [A-Za-z0-9+/=]+( [\\x20-\\x7e]*)?")) {
        throw new IllegalArgumentException(
            "an ssh key is a line such as 'ssh-ed25519 AAAA... name', in ASCII");
      }
    }
    if (sshKeys.size() > MAX_KEYS) {
      throw new IllegalArgumentException("more than " + MAX_KEYS + " ssh keys");
    }
    if (userData != null && userData.length > MAX_USER_DATA) {
      throw new IllegalArgumentException("the user-data is larger than 4 MiB");
    }
    if (networkConfig != null && networkConfig.length > MAX_USER_DATA) {
      throw new IllegalArgumentException("the network-config is larger than 4 MiB");
    }
  }

  /** The CD's bytes. */
  public byte[] image() {
    return image(null);
  }

  /**
   * The CD's bytes with something for cloud-init to do beside what the user wants; it makes no
   * other instance.
   */
  public byte[] image(byte @Nullable [] vendorData) {
    byte[] user = userData != null ? userData : defaultUserData().getBytes(StandardCharsets.UTF_8);
    IsoImage image = new IsoImage(VOLUME_ID);
    image.add("meta-data", metaData(user).getBytes(StandardCharsets.UTF_8));
    image.add("user-data", user);
    if (networkConfig != null) {
      image.add("network-config", networkConfig);
    }
    if (vendorData != null) {
      image.add("vendor-data", vendorData);
    }
    return image.build();
  }

  private String defaultUserData() {
    StringBuilder text = new StringBuilder(DEFAULT_USER_DATA.formatted(USER));
    sshKeys.forEach(key -> text.append("      - ").append(quoted(key)).append('\n'));
    return text.toString();
  }

  private String metaData(byte[] user) {
    StringBuilder text = new StringBuilder();
    text.append("instance-id: ").append(instanceId(user)).append('\n');
    text.append("local-hostname: ").append(quoted(hostName)).append('\n');
    if (!sshKeys.isEmpty()) {
      text.append("public-keys:\n");
      sshKeys.forEach(key -> text.append("  - ").append(quoted(key)).append('\n'));
    }
    return text.toString();
  }

  /** Changes with what is to be set up, which has cloud-init do its work again. */
  private String instanceId(byte[] user) {
    try {
      MessageDigest digest = MessageDigest.getInstance("SHA-256");
      digest.update(
          (hostName + '\n' + String.join("\n", sshKeys) + '\n').getBytes(StandardCharsets.UTF_8));
      digest.update(user);
      if (networkConfig != null) {
        digest.update(networkConfig);
      }
      return "maloca-" + HexFormat.of().formatHex(digest.digest(), 0, 8);
    } catch (NoSuchAlgorithmException every) {
      throw new IllegalStateException("every JDK has SHA-256", every);
    }
  }

  /** In YAML's double quotes. */
  private static String quoted(String text) {
    StringBuilder quoted = new StringBuilder("\"");
    for (int i = 0; i < text.length(); i++) {
      char c = text.charAt(i);
      if (c == '"' || c == '\\') {
        quoted.append('\\').append(c);
      } else if (c < ' ' || c > '~') {
        quoted.append("\\u%04x".formatted((int) c));
      } else {
        quoted.append(c);
      }
    }
    return quoted.append('"').toString();
  }
}
