package org.example.roster;

import java.util.Map;
import org.springframework.boot.SpringApplication;
import org.springframework.boot.autoconfigure.SpringBootApplication;
import org.springframework.security.core.Authentication;
import org.springframework.security.core.annotation.AuthenticationPrincipal;
import org.springframework.security.oauth2.client.OAuth2AuthorizeRequest;
import org.springframework.security.oauth2.client.OAuth2AuthorizedClientManager;
import org.springframework.security.oauth2.core.oidc.user.OidcUser;
import org.springframework.security.oauth2.jwt.Jwt;
import org.springframework.web.bind.annotation.GetMapping;
import org.springframework.web.bind.annotation.RestController;
import tools.jackson.databind.json.JsonMapper;

/** An application that connects by the quick start of Spring Boot, and an API beside it. */
@SpringBootApplication
@RestController
public class Roster {
    private final OAuth2AuthorizedClientManager clients;
    private final JsonMapper json;

    Roster(OAuth2AuthorizedClientManager clients, JsonMapper json) {
        this.clients = clients;
        this.json = json;
    }

    public static void main(String[] arguments) {
        SpringApplication.run(Roster.class, arguments);
    }

    @GetMapping(path = "/", produces = "text/html")
    String home(@AuthenticationPrincipal OidcUser user) {
        return json.writeValueAsString(user == null ? Map.of() : user.getClaims());
    }

    @GetMapping(path = "/refresh", produces = "text/html")
    String refresh(Authentication authentication) {
        var request = OAuth2AuthorizeRequest.withClientRegistrationId("sigma").principal(authentication).build();
        return clients.authorize(request) == null ? "no token" : "a new token";
    }

    @GetMapping("/api/payroll")
    Map<String, Object> payroll(@AuthenticationPrincipal Jwt token) {
        return Map.of("sub", token.getSubject(), "scope", token.getClaimAsString("scope"));
    }
}
