package org.maloca.cli;

import static org.junit.jupiter.api.Assertions.assertEquals;

import java.nio.charset.StandardCharsets;
import java.util.List;
import org.jspecify.annotations.Nullable;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.ValueSource;
import org.maloca.cli.cloud.CloudSeed;
import org.maloca.machine.config.NetConfig;
import org.maloca.machine.device.NetworkPlug;
import org.maloca.machine.device.SharedNetworks;

final class CloudInitTest {
  private static boolean callsHome(String network, @Nullable String userData) {
    byte[] user = userData == null ? null : userData.getBytes(StandardCharsets.UTF_8);
    CloudInit cloudInit = new CloudInit(new CloudSeed("a", List.of(), user, null), words -> {});
    NetConfig config = NetConfig.parse(network, 0, List.of());
    cloudInit.callHomeBy(
        config, new NetworkPlug(config, "a", new SharedNetworks(), forwarding -> {}));
    String image = new String(cloudInit.seedImage(), StandardCharsets.ISO_8859_1);
    return image.contains("http://10.0.2.3/cloud-init/");
  }

  @Test
  void theGuestCallsHomeWhereTheGatewayIsOurs() {
    assertEquals(true, callsHome("nat", null));
    assertEquals(true, callsHome("host-only", "#!/bin/sh\necho 'my phone_home'\n"));
    assertEquals(false, callsHome("isolated", null));
    assertEquals(false, callsHome("none", null));
    assertEquals(false, callsHome("tap,ifname=tap0", null));
    assertEquals(false, callsHome("stream,connect=127.0.0.1:1", null));
  }

  @ParameterizedTest
  @ValueSource(
      strings = {
        "#cloud-config\nphone_home:\n  url: http://192.0.2.1/\n",
        "#cloud-config\nruncmd: []\nphone_home : {url: x}\n",
        "#cloud-config-archive\n- content: |\n    #cloud-config\n    phone_home: {url: x}\n"
      })
  void whoHasAHomeOfHisOwnIsLeftAlone(String userData) {
    assertEquals(false, callsHome("nat", userData));
  }
}
