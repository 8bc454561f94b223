import org.springframework.security.crypto.bcrypt.BCryptPasswordEncoder;
import org.springframework.security.crypto.factory.PasswordEncoderFactories;
import org.keycloak.models.utils.TimeBasedOTP;
public class Make {
  static String q(String s) { return "\"" + s.replace("\\", "\\\\").replace("\"", "\\\"") + "\""; }
  public static void main(String[] a) {
    String p = "Java wachtwoord ëé";
    System.out.println("{\n \"hashes\": [");
    System.out.println("  {\"made_by\": \"Spring Security delegating encoder\", \"password\": " + q(p) + ", \"hash\": " + q(PasswordEncoderFactories.createDelegatingPasswordEncoder().encode(p)) + "},");
    System.out.println("  {\"made_by\": \"Spring Security bcrypt 2y\", \"password\": " + q(p) + ", \"hash\": " + q(new BCryptPasswordEncoder(BCryptPasswordEncoder.BCryptVersion.$2Y, 8).encode(p)) + "}");
    System.out.println(" ],\n \"codes\": [");
    String raw = "tR8sW2xY4zA6bC1dE9fG";
    String[][] all = { {"HmacSHA1", "6", "30"}, {"HmacSHA256", "8", "60"}, {"HmacSHA512", "6", "30"} };
    for (int i = 0; i < all.length; i++) {
      long at = 1795946400000L;
      TimeBasedOTP otp = new TimeBasedOTP(all[i][0], Integer.parseInt(all[i][1]), Integer.parseInt(all[i][2]), 0);
      String steps = Long.toHexString(at / 1000 / Long.parseLong(all[i][2])).toUpperCase();
      while (steps.length() < 16) steps = "0" + steps;
      System.out.println("  {\"made_by\": \"Keycloak TimeBasedOTP\", \"secret\": " + q(raw) + ", \"encoding\": \"text\", \"algorithm\": " + q(all[i][0].substring(4)) + ", \"digits\": " + all[i][1] + ", \"period\": " + all[i][2] + ", \"at\": " + at + ", \"code\": " + q(otp.generateOTP(raw.getBytes(), steps, Integer.parseInt(all[i][1]), all[i][0])) + "}" + (i < 2 ? "," : ""));
    }
    System.out.println(" ]\n}");
  }
}
