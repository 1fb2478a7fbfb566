// Shows the OpenAPI document that the page names. The viewer itself comes with django-ninja.
const page = document.getElementById("api-page");
window.SwaggerUIBundle({
  url: page.dataset.document,
  domNode: page,
  deepLinking: true,
  validatorUrl: null,
  layout: "BaseLayout",
});
