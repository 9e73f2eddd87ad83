// Java with the JDK's own server:  PORT=4005 java App.java   (apt install default-jdk-headless)
import com.sun.net.httpserver.HttpExchange;
import com.sun.net.httpserver.HttpServer;
import java.io.IOException;
import java.net.InetSocketAddress;
import java.net.URLDecoder;
import java.nio.charset.StandardCharsets;

public class App {
    public static void main(String[] arguments) throws IOException {
        int port = Integer.parseInt(System.getenv().getOrDefault("PORT", "4005"));
        HttpServer server = HttpServer.create(new InetSocketAddress("127.0.0.1", port), 0);

        server.createContext("/search", exchange -> {
            String q = field(exchange.getRequestURI().getRawQuery(), "q");
            answer(exchange, 200, "nothing found for " + q.replace("&", "&amp;").replace("<", "&lt;") + "\n");
        });

        server.createContext("/login", exchange -> {
            boolean known = field(body(exchange), "password").equals("correct horse");
            answer(exchange, known ? 200 : 401, known ? "welcome\n" : "wrong name or password\n");
        });

        server.createContext("/upload", exchange ->
            answer(exchange, 201, exchange.getRequestBody().readAllBytes().length + " bytes\n"));

        server.createContext("/checkout", exchange -> {
            // The whole SDK: who tries a coupon that only the application knows to be abused?
            if (field(body(exchange), "coupon").equals("STOLEN"))
                exchange.getResponseHeaders().add("x-user-risk-event", "checkout.abuse; severity=high");
            answer(exchange, 200, "ordered\n");
        });

        server.start();
    }

    private static String body(HttpExchange exchange) throws IOException {
        return new String(exchange.getRequestBody().readAllBytes(), StandardCharsets.UTF_8);
    }

    private static String field(String form, String name) {
        for (String pair : (form == null ? "" : form).split("&"))
            if (pair.startsWith(name + "="))
                return URLDecoder.decode(pair.substring(name.length() + 1), StandardCharsets.UTF_8);
        return "";
    }

    private static void answer(HttpExchange exchange, int status, String text) throws IOException {
        byte[] bytes = text.getBytes(StandardCharsets.UTF_8);
        exchange.sendResponseHeaders(status, bytes.length);
        exchange.getResponseBody().write(bytes);
        exchange.close();
    }
}
