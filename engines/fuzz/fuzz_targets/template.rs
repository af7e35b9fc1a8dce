//! A template and an event, divided by a line of dashes; the event's fields are the input paths. What is delivered for a
//! JSON template is JSON.

#![no_main]

use libfuzzer_sys::fuzz_target;
use trailbell_engines::json::{self, Json};
use trailbell_engines::transformer::{Delivery, InputTransformer, Reserved};
use trailbell_fuzz::parts;

fuzz_target!(|text: &str| {
    let parts = parts(text);
    let event = parts.get(1).and_then(|text| json::read(text).ok()).map_or(Json::Null, |document| document.json);
    let names = ["a", "b", "c", "detail"];
    let input_paths = names.iter().map(|name| ((*name).to_owned(), format!("$.{name}"))).collect();
    let transformer = InputTransformer { input_paths, template: parts[0].to_owned() };
    let _ = transformer.example();
    if let Ok(Delivery::Body(body)) = transformer.render(&event, &Reserved::default())
        && parts[0].trim_start().starts_with('{')
    {
        let document = json::read(&body).expect("a JSON template gives JSON");
        assert_eq!(document.end, body.len());
        assert_eq!(document.json.to_string(), body);
    }
});
