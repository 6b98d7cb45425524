// The article in React Email's components, its Markdown by their own; the text is theirs too.
import { letter, answer } from "./letter.mjs";
import { createElement as e } from "react";
import {
  Body, Button, Container, Head, Heading, Hr, Html, Link, Markdown, Preview, Text, render, toPlainText,
} from "@react-email/components";

const html = await render(
  e(Html, { lang: letter.lang, dir: letter.dir },
    e(Head, null, e("title", null, letter.subject)),
    e(Preview, null, letter.preheader),
    e(Body, null,
      e(Container, null,
        e(Text, null, letter.newsletter),
        e(Heading, null, letter.title),
        e(Markdown, null, letter.markdown),
        e(Button, { href: letter.url }, letter.button),
        e(Hr),
        e(Text, null, `${letter.address}. `, e(Link, { href: letter.unsubscribe }, "Unsubscribe"))))));
answer({ html, text: toPlainText(html) });
