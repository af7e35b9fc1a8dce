//! By how much the clock of this machine differs from that of AWS: from the `Date` header of an answer of STS.

use std::sync::{Arc, Mutex};
use std::time::{SystemTime, UNIX_EPOCH};

use aws_config::SdkConfig;
use aws_sdk_sts::config::interceptors::BeforeDeserializationInterceptorContextRef;
use aws_sdk_sts::config::{Builder, ConfigBag, Intercept, RuntimeComponents};
use aws_sdk_sts::error::BoxError;
use aws_smithy_types::DateTime;
use aws_smithy_types::date_time::Format;

use super::answer::NoteOrigin;
use super::call::LeaveToUs;

/// The difference in seconds, once an answer came: above zero where this machine is ahead.
#[derive(Clone, Debug, Default)]
pub(super) struct Clock(Arc<Mutex<Option<i64>>>);

impl Clock {
    /// The difference, if it was seen.
    pub(super) fn ahead(&self) -> Option<i64> {
        self.0.lock().ok().and_then(|seen| *seen)
    }

    /// The client of STS, whose answers tell the time.
    pub(super) fn sts(&self, config: &SdkConfig) -> aws_sdk_sts::Client {
        let settings =
            Builder::from(config).interceptor(NoteOrigin).interceptor(self.clone()).retry_classifier(LeaveToUs);
        aws_sdk_sts::Client::from_conf(settings.build())
    }
}

impl Intercept for Clock {
    fn name(&self) -> &'static str {
        "note the time"
    }

    fn read_before_deserialization(
        &self,
        context: &BeforeDeserializationInterceptorContextRef<'_>,
        _: &RuntimeComponents,
        _: &mut ConfigBag,
    ) -> Result<(), BoxError> {
        let date =
            context.response().headers().get("date").and_then(|text| DateTime::from_str(text, Format::HttpDate).ok());
        let here =
            SystemTime::now().duration_since(UNIX_EPOCH).ok().and_then(|time| i64::try_from(time.as_secs()).ok());
        if let (Some(there), Some(here), Ok(mut seen)) = (date, here, self.0.lock()) {
            *seen = Some(here - there.secs());
        }
        Ok(())
    }
}
