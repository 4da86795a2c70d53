package org.maloca.cli.cloud;

import static org.junit.jupiter.api.Assertions.assertArrayEquals;
import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertFalse;
import static org.junit.jupiter.api.Assertions.assertNotEquals;
import static org.junit.jupiter.api.Assertions.assertThrows;
import static org.junit.jupiter.api.Assertions.assertTrue;

import java.nio.ByteBuffer;
import java.nio.ByteOrder;
import java.nio.charset.Charset;
import java.nio.charset.StandardCharsets;
import java.util.Arrays;
import java.util.List;
import java.util.Map;
import java.util.TreeMap;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.ValueSource;

final class CloudSeedTest {
  private static final String KEY = "ssh-ed25519 AAAAC3NzaC1lZDI1NTE5AAAA ana@example";

  /** Reads the root directory that a volume descriptor leads to. */
  private static Map<String, byte[]> files(byte[] image, int descriptor, Charset charset) {
    ByteBuffer bytes = ByteBuffer.wrap(image).order(ByteOrder.LITTLE_ENDIAN);
    int root = bytes.getInt(descriptor * 2048 + 156 + 2);
    assertEquals(root, bytes.order(ByteOrder.BIG_ENDIAN).getInt(descriptor * 2048 + 156 + 6));
    bytes.order(ByteOrder.LITTLE_ENDIAN);
    Map<String, byte[]> files = new TreeMap<>();
    int at = root * 2048;
    while (image[at] != 0) {
      int length = image[at] & 0xff;
      int idLength = image[at + 32];
      if ((image[at + 25] & 2) == 0) {
        String name = new String(image, at + 33, idLength, charset);
        int use = at + 33 + idLength + (idLength + 1) % 2;
        for (int field = use; field + 4 < at + length; field += image[field + 2]) {
          if (image[field] == 'N' && image[field + 1] == 'M') {
            name +=
                "=" + new String(image, field + 5, image[field + 2] - 5, StandardCharsets.US_ASCII);
          }
        }
        int from = bytes.getInt(at + 2) * 2048;
        files.put(name, Arrays.copyOfRange(image, from, from + bytes.getInt(at + 10)));
      }
      at += length;
    }
    return files;
  }

  private static Map<String, byte[]> joliet(CloudSeed seed) {
    return files(seed.image(), 17, StandardCharsets.UTF_16BE);
  }

  private static String text(CloudSeed seed, String name) {
    return new String(joliet(seed).get(name), StandardCharsets.UTF_8);
  }

  @Test
  void hasTheFilesUnderTheirExactNamesInEachNamespace() {
    byte[] user = new byte[5000];
    Arrays.fill(user, (byte) 'u');
    CloudSeed seed = new CloudSeed("anna", List.of(), user, "version: 2\n".getBytes());
    byte[] image = seed.image();

    assertEquals("CD001", new String(image, 16 * 2048 + 1, 5, StandardCharsets.US_ASCII));
    assertEquals("cidata ", new String(image, 16 * 2048 + 40, 7, StandardCharsets.US_ASCII));
    assertEquals(image.length / 2048, ByteBuffer.wrap(image).getInt(16 * 2048 + 84));
    assertEquals(
        List.of("META_DAT.;1=meta-data", "NETWORK_.;1=network-config", "USER_DAT.;1=user-data"),
        List.copyOf(files(image, 16, StandardCharsets.US_ASCII).keySet()));
    assertEquals(
        List.of("meta-data", "network-config", "user-data"), List.copyOf(joliet(seed).keySet()));
    assertArrayEquals(user, joliet(seed).get("user-data"));
  }

  @Test
  void putsNameAndKeysIntoTheMetadata() {
    CloudSeed seed = new CloudSeed("anna", List.of(KEY + "\n"), null, null);

    String meta = text(seed, "meta-data");
    assertTrue(meta.contains("local-hostname: \"anna\"\n"), meta);
    assertTrue(meta.contains("public-keys:\n  - \"" + KEY + "\"\n"), meta);
    String user = text(seed, "user-data");
    assertTrue(user.startsWith("#cloud-config\n"), user);
    assertFalse(user.contains("password:"), user);
  }

  @Test
  void itsOwnUserDataLetsTheKeysInAndTheConsole() {
    String user = text(new CloudSeed("anna", List.of(KEY), null, null), "user-data");
    assertTrue(user.contains("ssh_pwauth: false\n"), user);
    assertTrue(user.contains("  - name: maloca\n"), user);
    assertTrue(user.contains("    ssh_authorized_keys:\n      - \"" + KEY + "\"\n"), user);
    assertTrue(user.contains("--autologin maloca --noclear --keep-baud 115200,9600 %I $TERM\n"));
  }

  @Test
  void isANewInstanceWheneverSomethingElseIsToBeSetUp() {
    CloudSeed seed = new CloudSeed("anna", List.of(), null, null);
    CloudSeed same = new CloudSeed("anna", List.of(), null, null);
    CloudSeed other = new CloudSeed("anna", List.of(KEY), null, null);
    assertArrayEquals(seed.image(), same.image());
    assertNotEquals(
        text(seed, "meta-data").lines().findFirst(), text(other, "meta-data").lines().findFirst());
  }

  @ParameterizedTest
  @ValueSource(strings = {"", "Anna", "a.b", "-a", "a-", "a b", "a\nb"})
  void refusesWhatIsNoHostName(String name) {
    assertThrows(IllegalArgumentException.class, () -> new CloudSeed(name, List.of(), null, null));
  }

  @ParameterizedTest
  @ValueSource(strings = {"", "AAAA", "ssh-rsa", "ssh-rsa AA\nruncmd: x", "ssh-rsa A*B"})
  void refusesWhatIsNoKey(String key) {
    assertThrows(
        IllegalArgumentException.class, () -> new CloudSeed("a", List.of(key), null, null));
  }

  @Test
  void namesAtLevelOneStayDifferent() {
    IsoImage image = new IsoImage("x");
    image.add("user-data", new byte[0]);
    image.add("user-data-2", new byte[1]);
    image.add("user-data-3", new byte[1]);
    assertEquals(
        List.of("USER_DA1.;1=user-data-2", "USER_DA2.;1=user-data-3", "USER_DAT.;1=user-data"),
        List.copyOf(files(image.build(), 16, StandardCharsets.US_ASCII).keySet()));
    assertThrows(IllegalArgumentException.class, () -> image.add("user-data", new byte[0]));
    assertThrows(IllegalArgumentException.class, () -> image.add("a/b", new byte[0]));
  }

  @Test
  void whatItsMakerAddsIsBesideTheUsersAndMakesNoOtherInstance() {
    CloudSeed seed = new CloudSeed("anna", List.of(KEY), null, null);
    byte[] added = "#cloud-boothook\n".getBytes(StandardCharsets.US_ASCII);
    Map<String, byte[]> files = files(seed.image(added), 17, StandardCharsets.UTF_16BE);

    assertArrayEquals(added, files.get("vendor-data"));
    assertArrayEquals(joliet(seed).get("user-data"), files.get("user-data"));
    assertArrayEquals(joliet(seed).get("meta-data"), files.get("meta-data"));
  }

  private static String heard(String... lines) {
    StringBuilder heard = new StringBuilder();
    CloudInitWatch watch = new CloudInitWatch(new CloudInitVerdict(heard::append));
    for (byte value : (String.join("\r\n", lines) + "\r\n").getBytes(StandardCharsets.UTF_8)) {
      watch.accept(value);
    }
    return heard.toString();
  }

  private static final String FINISHED =
      "[   12.3] cloud-init[400]: Cloud-init v. 22.4.2 finished at Sun, 29 Nov 2026 08:00:00 +0000."
          + " Datasource DataSourceNoCloud [seed=/dev/vdb][dsmode=net].  Up 12 seconds";

  @Test
  void hearsOnTheConsoleThatCloudInitHasFinished() {
    assertEquals("cloud-init has set the machine up", heard("x".repeat(5000), FINISHED, FINISHED));
    assertEquals("", heard("login: ", "Cloud-init v. 22.4.2 running 'init'"));
  }

  @Test
  void hearsOfTheEndAlsoWhereUserDataHaveAnotherLastMessage() {
    String keys = "-----END SSH HOST KEY KEYS-----";
    String message = "[  661.6] cloud-init[310]: as its user likes";
    assertEquals("cloud-init has set the machine up", heard(message, keys, message, message));
    assertEquals("", heard(message, keys, "login: "));
    String warning = "cloud-init[310]: cc_phone_home.py[WARNING]: Failed to post";
    assertTrue(heard(keys, warning, message).contains("something went wrong"));
    assertEquals("cloud-init has set the machine up", heard(keys, FINISHED));
    String done =
        "[\u001b[0;32m  OK  \u001b[0m] Finished"
            + " \u001b[0;1;39mcloud-final.servi\u001b[0m - Execute.";
    assertEquals("cloud-init has set the machine up", heard("cloud-init[4]: welcome", done));
    assertEquals("cloud-init has set the machine up", heard(FINISHED, done));
  }

  @Test
  void hearsOnTheConsoleWhatWentWrong() {
    String warning =
        "[   11.9] cloud-init[400]: 2026-11-29 08:00:00,001 - util.py[WARNING]: Failed to run \u00e7";
    String said = heard(warning, FINISHED);
    assertTrue(said.startsWith("cloud-init has finished, but something went wrong: "), said);
    assertTrue(said.endsWith("util.py[WARNING]: Failed to run ??"), said);
    assertEquals(
        "cloud-init failed: it did not find its seed",
        heard(FINISHED.replace("DataSourceNoCloud", "DataSourceNone")));
    assertTrue(
        heard("[\u001b[0;1;31mFAILED\u001b[0m] Failed to start \u001b[0;1;39mcloud-init.service")
            .startsWith("cloud-init failed: [FAILED] Failed to start cloud-init"));
    assertTrue(
        heard(FINISHED, "[FAILED] Failed to start cloud-final.service - Execute.")
            .contains("cloud-init failed"));
  }
}
