// The article in a basic MJML layout: a heading, the text, a button and a footer.
import { letter, answer, escaped } from "./letter.mjs";
import mjml2html from "mjml";

const { html } = await mjml2html(`<mjml lang="${letter.lang}" dir="${letter.dir}">
  <mj-head>
    <mj-title>${escaped(letter.subject)}</mj-title>
    <mj-preview>${escaped(letter.preheader)}</mj-preview>
  </mj-head>
  <mj-body>
    <mj-section>
      <mj-column>
        <mj-text>${escaped(letter.newsletter)}</mj-text>
        <mj-text><h1>${escaped(letter.title)}</h1></mj-text>
        <mj-text>${letter.html}</mj-text>
        <mj-button href="${escaped(letter.url)}">${escaped(letter.button)}</mj-button>
        <mj-divider />
        <mj-text>${escaped(letter.address)}. <a href="${escaped(letter.unsubscribe)}">Unsubscribe</a></mj-text>
      </mj-column>
    </mj-section>
  </mj-body>
</mjml>`);
answer({ html, text: "" });
